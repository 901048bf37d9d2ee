import type { Backend, Verdict } from '@spillway/core';
import type { AnswerUsage, Expected, Metered } from '../telemetry/exchange.ts';
import { AnswerWatch, type MeterableAnswer, type MeteredAnswer } from './answer-watch.ts';
import {
  type Asked,
  editableBody,
  type EditableRequest,
  type EditableRoute,
  editRequest,
  unpackedHeaders,
} from './edit-request.ts';
import { NO_TOKENS } from './combine-usage.ts';
import { estimateTokens } from './estimate-tokens.ts';
import { expectTokens } from './expect-tokens.ts';
import { canIncludeUsage, includeUsage } from './include-usage.ts';
import { meteringOf } from './metering.ts';
import type { Metering } from './meterings.ts';
import type { MeterOptions } from './meter-options.ts';
import { SessionMeter } from './session-meter.ts';

/** A metered request, as accepted. */
type MeteredRequest = EditableRequest & {
  readonly method: string;
  readonly contentType?: string | undefined;
  /** The bytes received so far, if not all of the body is kept, and whether these are all. */
  readonly upload?: { readonly bytes: number; readonly isWhole: boolean } | undefined;
};

type MeteredRoute = EditableRoute & {
  readonly deployment: string;
  readonly operation: string;
  readonly path: string;
  readonly content: { readonly isBackground: boolean; readonly asksForNoStream: boolean } | undefined;
};

/** An answer, or a session: either one that passes as bytes, or one whose messages are read. */
type MeterableOpening = MeterableAnswer & {
  readonly socket?: unknown;
  readonly session?: { watcher: ((message: Buffer) => void) | undefined } | undefined;
};

/** Estimates that need the request. */
const EXPECTED: ReadonlySet<Metering['estimate']> = new Set(['images', 'videos', 'speech']);

/** A session is metered in the same way whatever requested it. */
const SESSION: Pick<Metering, 'told' | 'estimate'> = { told: 'running', estimate: 'text' };

/**
 * Meters one request of a client with budgets: sends it so that the answer can be read, reads the answer as it passes,
 * and returns the usage at the end, however it ends. The client gets the same as without a meter.
 */
export class RequestMeter {
  readonly #options: MeterOptions;
  #metering: Pick<Metering, 'told' | 'estimate'> = { told: 'never', estimate: 'nothing' };
  #isBackground = false;
  #deployment = '';
  #request: MeteredRequest | undefined;
  #operation = '';
  #hasAskedForUsage = false;
  /** Whether a backend was sent a request that may use tokens, and has not refused it. */
  #mayTake = false;
  #isUnanswered = false;
  #answer: AnswerWatch | undefined;
  #session: SessionMeter | undefined;

  constructor(options: MeterOptions) {
    this.#options = options;
  }

  /** The id that its answer tells. */
  get answerId(): string | undefined {
    return this.#answer?.meter?.walk.id;
  }

  /** Resolves when the rest of a packed answer has been read; undefined where there is nothing to wait for. */
  get whenRead(): Promise<void> | undefined {
    return this.#answer?.whenRead;
  }

  /**
   * Returns a request in the form in which backends are to get it.
   *
   * @param deployment the one that is to serve it, perhaps instead of the one that it names
   */
  ask<R extends MeteredRequest, T extends MeteredRoute>(
    request: R,
    route: T,
    deployment: string = route.deployment,
  ): Asked<R, T> {
    const { operation, path, content } = route;
    this.#metering = meteringOf(request.method, operation, deployment !== '');
    this.#isBackground = this.#metering.told === 'or-later' && content?.isBackground === true;
    this.#deployment = deployment;
    this.#request = request;
    this.#operation = operation;
    const mayStream = content?.asksForNoStream !== true && canIncludeUsage(operation, path);
    const canBeAsked = mayStream && !this.#options.refusals.has(deployment);
    const plain = canBeAsked ? editableBody(request) : undefined;
    const edits = plain === undefined ? [] : includeUsage(plain);
    this.#hasAskedForUsage = edits.length > 0;
    return editRequest({ request: { ...request, rawHeaders: unpackedHeaders(request) }, route }, edits);
  }

  /**
   * Returns whether a request was refused only because its stream was asked for its usage, so that the original is to
   * be sent.
   */
  isRefusedForUsage(verdict: Verdict<Backend, unknown>): boolean {
    if (!this.#hasAskedForUsage || verdict.kind !== 'relay' || verdict.answer.status < 400) return false;
    return /stream_options|include_usage/.test(verdict.answer.bodyText ?? '');
  }

  /** Returns the request to send again, which does not ask for its usage. */
  askAgain<R extends MeteredRequest>(request: R): R {
    this.#hasAskedForUsage = false;
    return { ...request, rawHeaders: unpackedHeaders(request) };
  }

  /** Records that a deployment refused to report its usage, and then served the same request without that. */
  noteRefusal(deployment: string): void {
    this.#options.refusals.add(deployment);
  }

  /** Returns a verdict with an answer that this meter watches. */
  watch<B extends Backend, A extends MeterableOpening>(verdict: Verdict<B, A>): Verdict<B, MeteredAnswer<A>> {
    const { told } = this.#metering;
    if (verdict.kind !== 'relay') {
      // The usage of an attempt that was under way when the client left is unknown.
      const wasUnderWay = verdict.attempts.some(({ outcome }) => outcome.kind === 'aborted');
      const isUnknown = verdict.kind === 'abandoned' && wasUnderWay && told !== 'never';
      // A backend that has not received all of a request cannot go on with it.
      this.#mayTake = this.#isUnanswered = isUnknown && this.#request?.upload?.isWhole !== false;
      return verdict;
    }
    const { answer } = verdict;
    const { session, socket } = answer.body;
    if (session !== undefined || socket !== undefined) {
      this.#mayTake = true;
      this.#metering = SESSION;
      this.#session = new SessionMeter(this.#options);
      if (session !== undefined) this.#session.watchMessages(session);
      else this.#session.watchFrames();
      return verdict;
    }
    if (answer.status >= 400 || told === 'never') return verdict;
    this.#mayTake = true;
    // Its id is needed only where a later answer reports the usage.
    const toldHere = told === 'or-later' && !this.#isBackground ? 'anywhere' : told;
    const contentType = answer.header('content-type') ?? '';
    const watch = (this.#answer = new AnswerWatch(contentType, toldHere, this.#metering.estimate === 'any'));
    const encoding = answer.header('content-encoding');
    const body = watch.watch(answer.body, encoding, this.#hasAskedForUsage);
    return { ...verdict, answer: { ...answer, body } };
  }

  /** Sees the bytes of the backend in a session that passes as bytes. */
  seeFromBackend(chunk: Buffer): void {
    this.#session?.seeFromBackend(chunk);
  }

  /** Returns the request's usage, when it is over. */
  end(): Metered {
    const { client, pending } = this.#options;
    this.#answer?.meter?.walk.endEvent();
    const usage = this.#session?.answers.usage ?? this.#answer?.usage;
    const id = this.#answer?.meter?.walk.id ?? '';
    if (this.#metering.told === 'of-earlier') return this.#endOfEarlier(id, usage);
    if (!this.#mayTake) return NOTHING;
    if (usage === undefined && id !== '' && this.#goesOn) {
      const created: Expected = { client, deployment: this.#deployment };
      pending.expect(id, created);
      return { ...NOTHING, created };
    }
    if (this.#isAllTold(usage)) return { ...NOTHING, usage };
    const isUnanswered = this.#isUnanswered || undefined;
    return { usage, relayedTokensEstimate: this.#estimate(), isComplete: false, isUnanswered };
  }

  /** A reported usage has been charged before, unless this is the first report. */
  #endOfEarlier(id: string, usage: AnswerUsage | undefined): Metered {
    const hasFailed = this.#answer?.meter?.walk.status === 'failed';
    const { pending } = this.#options;
    const told = usage !== undefined || hasFailed ? pending.take(id) : undefined;
    if (told === undefined) {
      const { saidTokens = 0 } = this.#answer?.meter ?? {};
      if (saidTokens > 0) pending.find(id)?.relayed?.(saidTokens, this.#answer?.isStream === true);
      return NOTHING;
    }
    told.correct?.(usage ?? NO_TOKENS);
    return { ...NOTHING, usage, told };
  }

  /** Whether the usage is still to be reported: perhaps only the backend understood that the request asks for that. */
  get #goesOn(): boolean {
    if (this.#metering.told !== 'or-later') return false;
    const status = this.#answer?.isStream === true ? undefined : this.#answer?.meter?.walk.status;
    return this.#isBackground || status === 'queued' || status === 'in_progress';
  }

  #isAllTold(usage: AnswerUsage | undefined): boolean {
    if (this.#session !== undefined) return this.#session.isAllTold;
    if (usage === undefined) return false;
    return this.#metering.told !== 'running' || this.#answer?.isWhole === true;
  }

  #estimate(): number {
    const meter = this.#session?.answers ?? this.#answer?.meter;
    const { body, unpacked = body, upload } = this.#request ?? {};
    return estimateTokens(this.#metering.estimate, {
      bytes: this.#answer?.bytes ?? 0,
      requestBytes: upload?.bytes ?? unpacked?.length ?? 0,
      expectedTokens: this.#expectedTokens,
      isWhole: this.#answer?.isWhole === true,
      contentType: this.#answer?.contentType ?? '',
      saidTokens: this.#answer?.isUnreadable === true ? undefined : meter?.saidTokens,
      heardTokens: meter?.heardTokens ?? 0,
      images: meter?.walk.images ?? 0,
    });
  }

  get #expectedTokens(): number {
    const { body = NO_BODY, unpacked = body, contentType, method = '' } = this.#request ?? {};
    if (!EXPECTED.has(this.#metering.estimate)) return 0;
    const asked = { method, operation: this.#operation, deployment: this.#deployment, body: unpacked };
    return expectTokens({ ...asked, contentType, contentLength: undefined })?.outputTokens ?? 0;
  }
}

const NO_BODY = Buffer.alloc(0);
const NOTHING: Metered = {
  usage: undefined,
  relayedTokensEstimate: 0,
  isComplete: true,
};
