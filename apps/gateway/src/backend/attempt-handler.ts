import type { Duplex } from 'node:stream';
import {
  type AttemptResult,
  type HeaderLookup,
  type Progress,
  type Reading,
  whatToRead,
} from '@spillway/core';
import type { Dispatcher } from 'undici';
import type { ResponseHeaders } from '../headers/to-client.ts';
import type { AzureBackend } from './azure-backend.ts';
import { BackendBody } from './backend-body.ts';
import { isOfUsedConnection } from './connection-reuse.ts';
import { overdue } from './overdue.ts';
import { followRedirect } from './redirect.ts';
import { StreamWatch } from './stream-watch.ts';
import { classifyTransportError } from './transport-error.ts';
import { unpacked } from './unpacked.ts';

/** A backend's answer whose body is still to be read. */
export interface BackendResponse {
  readonly statusMessage: string | undefined;
  readonly headers: ResponseHeaders;
  readonly body: BackendBody;
  /** The connection itself, once the backend has agreed to upgrade it. */
  readonly socket?: Duplex | undefined;
}

/** Error bodies and the announcements of a stream are short. What is not is judged by its start. */
const JUDGED_BYTES = 16_384;

/** A backend that leads on and on leads nowhere. */
const MAX_REDIRECTS = 3;

/** Turns undici's events into one result, and from then on into a body. */
export class AttemptHandler implements Dispatcher.DispatchHandler {
  #resolve: (result: Progress<BackendResponse>) => void;
  readonly #operation: string | undefined;
  readonly #holdUntilMs: number;
  #timer: NodeJS.Timeout | undefined;
  #holdTimer: NodeJS.Timeout | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  /** How to send it once more, as long as that can be. */
  #again: { readonly backend: AzureBackend; readonly options: Dispatcher.DispatchOptions } | undefined;
  #isRepeatable = false;
  #redirects = 0;
  /** Where a redirect leads, whose own body is still to pass. */
  #next: Dispatcher.DispatchOptions | undefined;
  #isAborted = false;
  #isSent = false;
  #isJudged = false;
  #status = 0;
  #toRead: Reading = 'nothing';
  #header: HeaderLookup = () => undefined;
  #response: BackendResponse | undefined;
  /** Of a response that is an event stream. */
  #stream: StreamWatch | undefined;

  constructor(
    resolve: (result: Progress<BackendResponse>) => void,
    operation: string | undefined,
    holdUntilMs: number,
  ) {
    this.#resolve = resolve;
    this.#operation = operation;
    this.#holdUntilMs = holdUntilMs;
  }

  /** Ends the attempt, or the body that came of it, because the client has left. */
  abort(): void {
    this.#isAborted = true;
    // Before undici hears of it, which would report a failure of the backend.
    this.#settle({ kind: 'aborted' });
    this.#controller?.abort(new Error('the client left'));
  }

  /** Sends the request; `isRepeatable` says whether it may go out twice. */
  dispatch(backend: AzureBackend, options: Dispatcher.DispatchOptions, isRepeatable: boolean): void {
    // A stream can be sent once only.
    if (options.body === null || Buffer.isBuffer(options.body)) this.#again = { backend, options };
    this.#isRepeatable = isRepeatable;
    backend.dispatcher.dispatch(options, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#isSent = true;
    this.#controller = controller;
    if (this.#isAborted) this.abort();
  }

  /** Starts the time after which it is told that nothing can be judged yet, connecting included. */
  startTimer(ms: number): void {
    if (!this.#isJudged) this.#timer = setTimeout(tellOverdue, ms, this);
  }

  /** Tells that its time is over, and leaves it to the other side what is to become of it. */
  tellOverdue(): void {
    const tell = this.#resolve;
    const later = new Promise<Progress<BackendResponse>>((resolve) => (this.#resolve = resolve));
    tell(overdue(this, later, this.#isSent, this.#response !== undefined));
  }

  /** Ends the attempt because it takes too long to tell what it came to; what the head alone tells is taken as it is. */
  giveUp(): void {
    const isKnown =
      this.#response !== undefined && whatToRead(this.#status, this.#header, true) === 'nothing';
    if (isKnown) return this.judge();
    this.#isAborted = true;
    this.#settle({ kind: 'failed', failure: 'header-timeout', wasSent: this.#isSent });
    this.#controller?.abort(new Error('no response headers in time'));
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: ResponseHeaders,
    statusMessage?: string,
  ): void {
    // 1xx: the response proper is still to come.
    if (status < 200) return;
    if (status >= 301 && status <= 308 && this.#isFollowing(status, headers['location']?.toString())) return;
    this.#status = status;
    this.#header = (name) => headers[name]?.toString();
    this.#response = { statusMessage, headers, body: new BackendBody(controller) };
    this.#toRead = whatToRead(status, this.#header, false, this.#operation);
    if (this.#toRead === 'nothing') this.judge();
    else if (this.#toRead === 'first-event') this.#watchStream();
  }

  onRequestUpgrade(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: ResponseHeaders,
    socket: Duplex,
  ): void {
    this.#status = status;
    this.#response = { statusMessage: undefined, headers, body: new BackendBody(controller), socket };
    if (this.#isJudged) socket.destroy();
    else this.judge();
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const body = this.#response?.body;
    body?.push(chunk);
    this.#stream?.push(chunk);
    if (this.#isJudged || body === undefined) return;
    if (body.keptBytes >= JUDGED_BYTES || this.#stream?.isOpen === true) this.judge();
  }

  onResponseEnd(): void {
    if (this.#next !== undefined) return this.#follow(this.#next);
    const isCutShort = this.#stream?.end() ?? false;
    if (isCutShort) this.#response?.body.break();
    else this.#response?.body.end();
    this.judge();
    // As the body does, and for the same reason.
    this.#controller = undefined;
    this.#response = undefined;
    this.#stream = undefined;
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    if (this.#response !== undefined && this.#isJudged) this.#response.body.break();
    else if (this.#isStale(error)) this.#sendAgain();
    else this.#settle({ kind: 'failed', failure: classifyTransportError(error), wasSent: this.#isSent });
  }

  #watchStream(): void {
    const encoding = this.#header('content-encoding');
    const isDeclared = this.#header('content-type') !== undefined;
    this.#stream = new StreamWatch(this.#operation, { encoding, isDeclared });
    this.#holdTimer = setTimeout(judge, Math.max(0, this.#holdUntilMs - performance.now()), this);
  }

  #isFollowing(status: number, location: string | undefined): boolean {
    if (this.#again === undefined || this.#redirects === MAX_REDIRECTS) return false;
    const { backend, options } = this.#again;
    this.#next = followRedirect(status, location, options, backend.origin, this.#isRepeatable);
    return this.#next !== undefined;
  }

  #follow(options: Dispatcher.DispatchOptions): void {
    const again = this.#again;
    if (again === undefined) return;
    this.#redirects++;
    this.#next = undefined;
    this.#again = { ...again, options };
    again.backend.dispatcher.dispatch(options, this);
  }

  #isStale(error: Error): boolean {
    return (
      this.#isRepeatable &&
      this.#again !== undefined &&
      this.#response === undefined &&
      isOfUsedConnection(error)
    );
  }

  /** Once, and on a fresh connection: that the one before was kept for too long says nothing about the backend. */
  #sendAgain(): void {
    const again = this.#again;
    this.#again = undefined;
    this.#next = undefined;
    again?.backend.dispatchAfresh(again.options, this);
  }

  /** Tells what has come so far, if anything has. */
  judge(): void {
    const response = this.#response;
    if (response === undefined || this.#isJudged) return;
    this.#settle({
      kind: 'answered',
      status: this.#status,
      header: this.#header,
      bodyText: this.#toRead === 'body' ? this.#keptText(response) : undefined,
      opening: this.#stream?.opening,
      body: response,
    });
    this.#stream?.stopReading();
  }

  #keptText({ body }: BackendResponse): string | undefined {
    return unpacked(body.kept, this.#header('content-encoding'))?.toString('utf8');
  }

  #settle(result: AttemptResult<BackendResponse>): void {
    if (this.#isJudged) return;
    this.#isJudged = true;
    this.#again = undefined;
    clearTimeout(this.#timer);
    clearTimeout(this.#holdTimer);
    this.#resolve(result);
  }
}

/** Lets the client have what there is: it has waited for long enough. */
function judge(handler: AttemptHandler): void {
  handler.judge();
}

/** Not a closure, of which there would be one for every request. */
function tellOverdue(handler: AttemptHandler): void {
  handler.tellOverdue();
}
