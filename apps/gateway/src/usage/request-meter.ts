import type { Backend, Verdict } from '@spillway/core';
import { withoutHeader } from '../headers/without-header.ts';
import type { AnswerUsage, Expected, Metered } from '../telemetry/exchange.ts';
import { AnswerMeter } from './answer-meter.ts';
import { AnswerWatch, type MeterableAnswer, type MeteredAnswer } from './answer-watch.ts';
import {
  type Asked,
  editableBody,
  type EditableRequest,
  type EditableRoute,
  editRequest,
} from './edit-request.ts';
import { NO_TOKENS } from './combine-usage.ts';
import { estimateTokens } from './estimate-tokens.ts';
import { canIncludeUsage, includeUsage } from './include-usage.ts';
import { type Metering, meteringOf } from './metering.ts';
import type { PendingUsage } from './pending-usage.ts';
import { SessionFrames } from './session-frames.ts';
import type { UsageRefusals } from './usage-refusals.ts';

/** Whom a request is metered for. */
export interface MeterOptions {
  /** The client's name, where clients are told apart. */
  readonly client: string | undefined;
  /** What is still to be told of objects that clients have created. */
  readonly pending: PendingUsage;
  /** Whose streams cannot be asked for their usage. */
  readonly refusals: UsageRefusals;
  /** Hears of each usage in a session when it is told, so that it is charged while the session runs. */
  readonly onUsage?: ((usage: AnswerUsage) => void) | undefined;
  /** Hears of each answer in a session of messages that ends without one: of what it has said, in tokens, if it had begun. */
  readonly onUntold?: ((outputTokens: number | undefined) => void) | undefined;
}

/** A request that is metered, as it has been accepted. */
type MeteredRequest = EditableRequest & { readonly method: string; readonly upgrade?: string | undefined };

type MeteredRoute = EditableRoute & {
  readonly deployment: string;
  readonly operation: string;
  readonly path: string;
  readonly content: { readonly isBackground: boolean } | undefined;
};

/** An answer, or a session: one that passes as bytes, or one whose messages are read. */
type MeterableOpening = MeterableAnswer & {
  readonly socket?: unknown;
  readonly session?: { watcher: ((message: Buffer) => void) | undefined } | undefined;
};

/** What ends an answer in a session of messages. Where it tells a usage, that comes with it. */
const ENDS: ReadonlySet<string> = new Set(
  'response.completed response.failed response.incomplete response.cancelled error'.split(' '),
);

/** A session is metered the same way whatever asked for it. */
const SESSION: Pick<Metering, 'told' | 'estimate'> = { told: 'running', estimate: 'text' };

/**
 * Meters one request of a client that has budgets: has backends asked so that their answer can be read, reads it as it passes,
 * and says at its end, however it ends, what it has taken. What the client gets is what it would have got.
 */
export class RequestMeter {
  readonly #options: MeterOptions;
  #metering: Pick<Metering, 'told' | 'estimate'> = { told: 'never', estimate: 'nothing' };
  #isBackground = false;
  #deployment = '';
  #requestBytes = 0;
  #hasAskedForUsage = false;
  /** Whether something was asked of a backend that may take tokens, and has not been refused. */
  #mayTake = false;
  #answer: AnswerWatch | undefined;
  #session: AnswerMeter | undefined;
  #frames: SessionFrames | undefined;

  constructor(options: MeterOptions) {
    this.#options = options;
  }

  /** Resolves when the rest of a packed answer has been read; undefined where there is nothing to wait for. */
  get isRead(): Promise<void> | undefined {
    return this.#answer?.isRead;
  }

  /**
   * Returns a request as backends are to be asked it.
   *
   * @param deployment which is to serve it, perhaps in place of the one that it names
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
    this.#requestBytes = request.body?.length ?? 0;
    const canBeAsked = canIncludeUsage(operation, path) && !this.#options.refusals.has(deployment);
    const plain = canBeAsked ? editableBody(request) : undefined;
    const edits = plain === undefined ? [] : includeUsage(plain);
    this.#hasAskedForUsage = edits.length > 0;
    return editRequest({ request: { ...request, rawHeaders: unpackedHeaders(request) }, route }, edits);
  }

  /**
   * Returns whether a request was refused only because its stream was asked for its usage, so that it is to be sent again as it came.
   */
  isRefusedForUsage(verdict: Verdict<Backend, unknown>): boolean {
    if (!this.#hasAskedForUsage || verdict.kind !== 'relay' || verdict.answer.status !== 400) return false;
    return /stream_options|include_usage/.test(verdict.answer.bodyText ?? '');
  }

  /** Returns a request as it is sent again, without being asked for its usage. */
  askAgain<R extends MeteredRequest>(request: R): R {
    this.#hasAskedForUsage = false;
    return { ...request, rawHeaders: unpackedHeaders(request) };
  }

  /** A deployment has served what it had refused for that. */
  noteRefusal(deployment: string): void {
    this.#options.refusals.add(deployment);
  }

  /** Returns a verdict with an answer that this meter sees pass. */
  watch<B extends Backend, A extends MeterableOpening>(verdict: Verdict<B, A>): Verdict<B, MeteredAnswer<A>> {
    const { told } = this.#metering;
    if (verdict.kind !== 'relay') {
      // Of what was under way when the client left nobody knows what it has taken.
      this.#mayTake = verdict.kind === 'abandoned' && verdict.attempts.length > 0 && told !== 'never';
      return verdict;
    }
    const { answer } = verdict;
    const { session, socket } = answer.body;
    if (session !== undefined) this.#watchMessages(session);
    else if (socket !== undefined) this.#watchFrames();
    if (this.#session !== undefined || answer.status >= 400 || told === 'never') return verdict;
    this.#mayTake = true;
    // Its id is needed only where a later answer tells.
    const toldHere = told === 'or-later' && !this.#isBackground ? 'anywhere' : told;
    const watch = (this.#answer = new AnswerWatch(answer.header('content-type') ?? '', toldHere));
    const encoding = answer.header('content-encoding');
    const body = watch.watch(answer.body, encoding, this.#hasAskedForUsage);
    return { ...verdict, answer: { ...answer, body } };
  }

  /** Sees what a backend sends in a session that passes as bytes. */
  seeFromBackend(chunk: Buffer): void {
    this.#frames?.write(chunk);
  }

  /** Returns what the request has taken, when it is over. */
  end(): Metered {
    const { client, pending } = this.#options;
    this.#answer?.meter?.walk.endEvent();
    const usage = this.#session?.usage ?? this.#answer?.usage;
    const id = this.#answer?.meter?.walk.id ?? '';
    if (this.#metering.told === 'of-earlier') return this.#endOfEarlier(id, usage);
    if (!this.#mayTake) return NOTHING;
    if (usage === undefined && this.#isBackground && id !== '') {
      const created: Expected = { client, deployment: this.#deployment };
      pending.expect(id, created);
      return { ...NOTHING, created };
    }
    if (this.#isAllTold(usage)) return { ...NOTHING, usage };
    return { usage, relayedTokensEstimate: this.#estimate(), isComplete: false };
  }

  /** Whatever it tells has been charged before, unless this is the first time. */
  #endOfEarlier(id: string, usage: AnswerUsage | undefined): Metered {
    const hasFailed = this.#answer?.meter?.walk.status === 'failed';
    const told = usage !== undefined || hasFailed ? this.#options.pending.take(id) : undefined;
    if (told === undefined) return NOTHING;
    told.correct?.(usage ?? NO_TOKENS);
    return { ...NOTHING, usage, told };
  }

  #isAllTold(usage: AnswerUsage | undefined): boolean {
    if (this.#session !== undefined) {
      const { saidTokens, walk } = this.#session;
      return saidTokens === 0 && !walk.isAnswering && this.#frames?.isUnreadable !== true;
    }
    if (usage === undefined) return false;
    return this.#metering.told !== 'running' || this.#answer?.isWhole === true;
  }

  #estimate(): number {
    const meter = this.#session ?? this.#answer?.meter;
    return estimateTokens(this.#metering.estimate, {
      bytes: this.#answer?.bytes ?? 0,
      requestBytes: this.#requestBytes,
      contentType: this.#answer?.contentType ?? '',
      saidTokens: this.#answer?.isUnreadable === true ? undefined : meter?.saidTokens,
      heardTokens: meter?.heardTokens ?? 0,
      images: meter?.walk.images ?? 0,
    });
  }

  #beginSession(): AnswerMeter {
    this.#mayTake = true;
    this.#metering = SESSION;
    return (this.#session = new AnswerMeter('session', this.#options.onUsage));
  }

  #watchFrames(): void {
    const session = this.#beginSession();
    this.#frames = new SessionFrames({
      write: (chunk, from, to) => session.write(chunk, from, to),
      endMessage: () => session.walk.endEvent(),
    });
  }

  #watchMessages(session: { watcher: ((message: Buffer) => void) | undefined }): void {
    const { watcher } = session;
    const meter = this.#beginSession();
    session.watcher = (message) => {
      watcher?.(message);
      const { told } = meter;
      meter.write(message);
      meter.walk.endEvent();
      if (meter.told === told && ENDS.has(meter.walk.lastType)) this.#options.onUntold?.(meter.endUntold());
    };
  }
}

const NOTHING: Metered = {
  usage: undefined,
  relayedTokensEstimate: 0,
  isComplete: true,
};

/** Asks for an answer that is not packed, and for a session that packs nothing. */
function unpackedHeaders({ rawHeaders, upgrade }: MeteredRequest): string[] {
  if (upgrade !== undefined) return withoutHeader(rawHeaders, 'sec-websocket-extensions');
  const headers = withoutHeader(rawHeaders, 'accept-encoding');
  headers.push('Accept-Encoding', 'identity');
  return headers;
}
