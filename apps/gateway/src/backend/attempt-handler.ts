import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type AttemptResult, type Progress, whatToRead } from '@spillway/core';
import type { Dispatcher } from 'undici';
import type { ResponseHeaders } from '../headers/to-client.ts';
import { isAccepted } from '../websocket/handshake.ts';
import { asNoStream, NO_HEAD, UPGRADED } from './answer-head.ts';
import { answerOf } from './answer-of.ts';
import { BackendBody } from './backend-body.ts';
import type { BackendResponse } from './backend-response.ts';
import { BackendSession, type SessionStart, type Upgrade } from './backend-session.ts';
import { Dispatches } from './dispatches.ts';
import { watchJsonEnd } from './json-end.ts';
import { overdue } from './overdue.ts';
import { isEnough, isMislabelled, judgeBeginning } from './plainly-good.ts';
import { type StreamWatch, watchStream } from './stream-watch.ts';
import { classifyTransportError, ForeignCodingError, hasForeignCoding } from './transport-error.ts';

/** Turns undici's events into one result, and from then on into a body. */
export class AttemptHandler implements Dispatcher.DispatchHandler {
  #resolve: (result: Progress<BackendResponse>) => void;
  readonly #operation: string | undefined;
  readonly #holdUntilMs: number;
  readonly #key: string | undefined;
  readonly #start: SessionStart | undefined;
  /** The sending of its request. */
  readonly dispatches = new Dispatches(this);
  #timer: NodeJS.Timeout | undefined;
  #holdTimer: NodeJS.Timeout | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #isAborted = false;
  #isSent = false;
  #isJudged = false;
  #head = NO_HEAD;
  #response: BackendResponse | undefined;
  /** Of a response that is an event stream. */
  #stream: StreamWatch | undefined;
  /** The answer that refused its credential, or the name of its limit, until it is sent with another. */
  #refusal: AttemptResult<BackendResponse> | undefined;

  constructor(
    resolve: (result: Progress<BackendResponse>) => void,
    operation: string | undefined,
    holdUntilMs: number,
    { key, start }: Upgrade = {},
  ) {
    this.#resolve = resolve;
    this.#operation = operation;
    this.#holdUntilMs = holdUntilMs;
    this.#key = key;
    this.#start = start;
  }

  /** Ends the attempt, or the body that it led to, because the client has left. */
  abort(): void {
    this.#isAborted = true;
    // Before undici notices, as it would report a failure of the backend.
    this.#settle({ kind: 'aborted' });
    this.#controller?.abort(new Error('the client left'));
    this.#response?.session?.messages.destroy();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // The session's first message goes out after the upgrade.
    this.#isSent = this.#start === undefined;
    this.#controller = controller;
    if (this.#isAborted) this.abort();
  }

  /** Starts the timer after which the attempt is reported as not to be judged yet. Connecting counts. */
  startTimer(ms: number): void {
    if (!this.#isJudged) this.#timer = setTimeout(tellOverdue, ms, this);
  }

  /** Reports that the time is over, and leaves the decision to the other side. */
  tellOverdue(): void {
    const tell = this.#resolve;
    const later = new Promise<Progress<BackendResponse>>((resolve) => (this.#resolve = resolve));
    tell(overdue(this, later, this.#isSent, this.#isAnswering));
  }

  /** Ends the attempt because its result takes too long. If the head alone is conclusive, it counts. */
  giveUp(): void {
    const isKnown = this.#isAnswering && whatToRead(this.#head.status, this.#head.header, true) === 'nothing';
    if (isKnown) return this.judge();
    if (this.#refusal !== undefined) return this.#settle(this.#refusal);
    this.#isAborted = true;
    this.#settle({ kind: 'failed', failure: 'header-timeout', wasSent: this.#isSent });
    this.#controller?.abort(new Error('no response headers in time'));
    this.#response?.session?.messages.destroy();
  }

  /** A backend's acceptance of a session is no answer yet. */
  get #isAnswering(): boolean {
    return this.#response !== undefined && this.#response.session?.isSilent !== true;
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: ResponseHeaders,
    statusMessage?: string,
  ): void {
    // 1xx: the response proper is still to come.
    if (status < 200) return;
    if (hasForeignCoding(headers)) return controller.abort(new ForeignCodingError());
    if (this.dispatches.isFollowing(status, headers['location'])) return;
    const header = (name: string) => headers[name]?.toString();
    const toRead = whatToRead(status, header, false, this.#operation);
    this.#head = { status, header, toRead, operation: this.#operation };
    const body = new BackendBody(controller, watchJsonEnd(headers, this.#head));
    this.#response = { statusMessage, headers, body };
    if (toRead === 'nothing') this.judge();
    else if (toRead === 'first-event') this.#watchStream();
  }

  onRequestUpgrade(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: ResponseHeaders,
    socket: Duplex,
  ): void {
    if (this.#isJudged) return void socket.destroy();
    if (this.#key !== undefined && !isAccepted(headers['sec-websocket-accept']?.toString(), this.#key)) {
      socket.destroy();
      return this.#settle({ kind: 'failed', failure: 'malformed', wasSent: false });
    }
    this.#head = { ...UPGRADED, status };
    const response = { statusMessage: undefined, headers, body: new BackendBody(controller), socket };
    if (this.#start !== undefined) return this.#openSession(response, this.#start);
    this.#response = response;
    this.judge();
  }

  #openSession(response: BackendResponse & { readonly socket: Duplex }, start: SessionStart): void {
    this.#isSent = true;
    const session = new BackendSession(response.socket as Socket, start, {
      onOpen: () => this.judge(true),
      onBroken: () => this.#settle({ kind: 'failed', failure: 'reset', wasSent: true }),
    });
    this.#response = { ...response, session };
    const holdMs = Math.max(0, this.#holdUntilMs - performance.now());
    this.#holdTimer = setTimeout(() => session.stopHolding(), holdMs);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const response = this.#response;
    response?.body.push(chunk);
    this.#stream?.push(chunk);
    if (this.#isJudged || response === undefined) return;
    if (isMislabelled(this.#head, response.body, chunk)) this.#watchStream(chunk);
    if (this.#stream?.isNone === true) this.#leaveStream();
    if (isEnough(this.#head, response.body, this.#stream)) judgeBeginning(response.body, this);
  }

  onResponseEnd(): void {
    if (this.dispatches.follow()) return;
    this.#response?.body.end(this.#stream?.end());
    if (this.#stream?.isNone === true) this.#leaveStream();
    this.judge(true);
    // Drops the references for the same reason as the body does.
    this.#controller = undefined;
    this.#response = undefined;
    this.#stream = undefined;
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    if (this.#response !== undefined && this.#isJudged) this.#response.body.break();
    else if (this.#response !== undefined || !this.dispatches.sendAgain(error))
      this.#settle({ kind: 'failed', failure: classifyTransportError(error), wasSent: this.#isSent });
  }

  /** @param beginning the first chunk of a stream that was declared as something else */
  #watchStream(beginning?: Buffer): void {
    if (beginning !== undefined) this.#head = { ...this.#head, toRead: 'first-event' };
    this.#stream = watchStream(this.#operation, this.#head.header);
    this.#response?.body.keepUpTo(this.#stream.heldBytes);
    if (beginning !== undefined) this.#stream.push(beginning);
    this.#holdTimer = setTimeout(judge, Math.max(0, this.#holdUntilMs - performance.now()), this);
  }

  /** The answer was declared as a stream, or not declared at all, and is none. */
  #leaveStream(): void {
    this.#stream = undefined;
    this.#head = asNoStream(this.#head);
    clearTimeout(this.#holdTimer);
  }

  /** Judges the bytes so far, if there are any; `isWhole` says that no more will come. */
  judge(isWhole = false): void {
    const response = this.#response;
    if (response === undefined || this.#isJudged) return;
    const { session } = response;
    const opening = session?.opening ?? this.#stream?.opening;
    const isSession = this.#start !== undefined;
    const result = answerOf(this.#head, opening, response, { isSession, isWhole });
    if (isWhole && this.#isSentAgain(result)) return;
    this.#settle(result);
    this.#stream?.stopReading();
    response.body.keepUpTo();
    session?.stopReading();
  }

  /** Returns whether the request is sent again, with something else for what the answer refuses. */
  #isSentAgain(refusal: AttemptResult<BackendResponse>): boolean {
    const sending = this.dispatches.sendOtherwise(refusal);
    if (sending === undefined) return false;
    this.#response?.session?.end();
    this.#response = undefined;
    this.#refusal = refusal;
    this.#isSent = false;
    clearTimeout(this.#holdTimer);
    void this.#await(sending, refusal);
    return true;
  }

  async #await(sending: Promise<boolean>, refusal: AttemptResult<BackendResponse>): Promise<void> {
    if (!(await sending)) this.#settle(refusal);
    this.#refusal = undefined;
  }

  #settle(result: AttemptResult<BackendResponse>): void {
    if (this.#isJudged) return;
    this.#isJudged = true;
    this.dispatches.end(result);
    clearTimeout(this.#timer);
    clearTimeout(this.#holdTimer);
    this.#resolve(result);
  }
}

/** Lets the client have the bytes so far: it has waited long enough. */
function judge(handler: AttemptHandler): void {
  handler.judge();
}

/** Not a closure, as that would be one more object per request. */
function tellOverdue(handler: AttemptHandler): void {
  handler.tellOverdue();
}
