import type { Admission, BudgetRefusal, Ending, FailoverRequest, TokenEstimate } from '@spillway/core';
import { budgetRefused } from '../client/budget-refused.ts';
import type { Client } from '../client/client.ts';
import type { GatewayError } from '../errors.ts';
import { RATE_LIMIT_HEADERS } from '../headers/to-client.ts';
import type { AnswerUsage, Exchange, Expected } from '../telemetry/exchange.ts';
import type { BatchOrder } from './batch-file.ts';

/** Answers in a session come one after another, so hardly any usage is reported late. */
const MAX_UNTOLD = 16;

/** A request's charges to its client’s budgets: admitted at one deployment at a time, and settled once. */
export class ClientBill {
  readonly #client: Client;
  readonly #nowMs: () => number;
  /** For a session whose messages are read, one for each message without an answer yet. */
  #admissions: Admission[] = [];
  /** For a session, those settled without a usage, which may still be reported. */
  readonly #untoldOnes: Admission[] = [];
  /** The demand of a batch or its file: it is charged at once, as nothing reports it later. */
  readonly #batch: BatchOrder | undefined;
  readonly #batchTokens: number | undefined;
  /** Why a session may not go on. */
  refusal: BudgetRefusal | undefined;
  #asked: BilledRequest = { deployment: '' };
  /** Whether a session was charged while it ran. */
  #wasCharged = false;
  /** Whether the session was admitted for an answer that it may not have requested. */
  #isAhead = false;

  constructor(client: Client, nowMs: () => number, batch?: BatchOrder) {
    this.#client = client;
    this.#batch = batch;
    this.#batchTokens = batchTokens(client, batch);
    this.#nowMs = nowMs;
  }

  /**
   * Charges a request at another deployment instead; it still counts as one request. Returns why it is not admitted
   * there.
   *
   * @param hasReached whether a backend of the first deployment has received it; if so, it counts there when it is not
   * admitted
   */
  admitInstead(deployment: string, hasReached: boolean): BudgetRefusal | undefined {
    const first = this.#asked;
    this.settle({ kind: 'unserved', hasReached: false });
    const refusal = this.admitNext({ ...first, deployment });
    if (refusal === undefined) return undefined;
    this.#asked = first;
    if (hasReached && this.admitNext({ deployment: first.deployment }) === undefined)
      this.settle({ kind: 'unserved', hasReached });
    return refusal;
  }

  /** Charges a request, or a further message of a session. Returns why it is not admitted. */
  admitNext(asked: BilledRequest): BudgetRefusal | undefined {
    this.#asked = asked;
    const { expected, isOutputOpen, allowedTokens } = asked;
    const [deployment = asked.deployment] = this.#batch?.demand?.models ?? [];
    // If no prompt was read, or only part of it, nothing about the rest is certain.
    const textTokens = expected === undefined ? undefined : (asked.estimate?.promptTokens ?? 0);
    const chargedTokens = this.#batchTokens;
    const estimate = expected ?? asked.estimate;
    const request = { deployment, estimate, isOutputOpen, allowedTokens, textTokens, chargedTokens };
    const admitted = this.#client.budgets?.admit(request, this.#nowMs(), Date.now());
    if (admitted?.kind !== 'admitted') return admitted;
    this.#admissions.push(admitted);
    return undefined;
  }

  /** Returns the error for a client whose budgets do not admit a request. */
  refused(refusal: BudgetRefusal): GatewayError {
    const left = this.headers();
    const headers: Record<string, string> = {};
    for (let i = 0; i + 1 < left.length; i += 2) headers[left[i] as string] = left[i + 1] as string;
    return budgetRefused(refusal, this.#client.name, Date.now(), headers);
  }

  /** Charges the usage of an answer in a session. */
  settleNext({ promptTokens, outputTokens }: AnswerUsage): void {
    const usage = { promptTokens, outputTokens };
    this.#wasCharged = true;
    const admission = this.#admissions.shift();
    if (admission !== undefined) return admission.settle({ kind: 'told', usage });
    // The event that seemed to end it was about something else.
    const untold = this.#untoldOnes.shift();
    if (untold !== undefined) return untold.correct(usage);
    this.#client.budgets?.charge(this.#asked.deployment, usage, this.#nowMs(), Date.now());
  }

  /**
   * An answer in a session has ended, or was refused, without reporting a usage.
   *
   * @param outputTokens the tokens that it has sent; undefined if it had not begun
   */
  settleUntold(outputTokens: number | undefined): void {
    const admission = this.#admissions.shift();
    if (admission === undefined) return;
    this.#wasCharged = true;
    admission.settle(
      outputTokens === undefined ? { kind: 'unserved', hasReached: true } : { kind: 'untold', outputTokens },
    );
    this.#untoldOnes.push(admission);
    if (this.#untoldOnes.length > MAX_UNTOLD) this.#untoldOnes.shift();
  }

  /**
   * Charges the usage of a session so far, and admits its next request, unless that was refused before. After a
   * transcription the present one is admitted anew.
   */
  renew(usage: AnswerUsage, isOfAnswer: boolean): void {
    if (isOfAnswer) this.settleNext(usage);
    else this.#settlePart(usage);
    if (this.refusal !== undefined) return;
    this.refusal = this.admitNext({ deployment: this.#asked.deployment });
    if (isOfAnswer) this.#isAhead = this.refusal === undefined;
  }

  /** All of it counts as a prompt, as it says nothing about how long answers are. */
  #settlePart({ promptTokens, outputTokens }: AnswerUsage): void {
    const usage = { promptTokens: promptTokens + outputTokens, outputTokens: 0 };
    this.#wasCharged = true;
    this.settle({ kind: 'unserved', hasReached: false });
    this.#client.budgets?.charge(this.#asked.deployment, usage, this.#nowMs(), Date.now(), true);
  }

  /**
   * Corrects the charge to the request's actual usage.
   *
   * @param answerId the id in the answer
   */
  settleEnd(exchange: Exchange, answerId?: string): void {
    const created = exchange.metered?.created;
    if (created !== undefined) this.#settleUntilTold(created);
    if (this.#wasCharged) return this.settle(this.#lastOf(exchange));
    if (this.#batch === undefined) return this.settle(endingOf(exchange));
    const wasMade = mayHaveBeenMade(exchange);
    this.#batch.end?.(wasMade, answerId);
    const usage = { promptTokens: this.#batchTokens ?? 0, outputTokens: 0 };
    this.settle(wasMade ? { kind: 'told', usage } : endingOf(exchange));
  }

  /**
   * The response continues in the background. The charge stays, so that no client has more under way than its budget
   * allows.
   */
  #settleUntilTold(created: Expected): void {
    const admission = this.#admissions.shift();
    admission?.settle({ kind: 'untold' });
    created.correct = (usage) => admission?.correct(usage);
    let streamedTokens = 0;
    created.relayed = (outputTokens, isPart) => {
      if (isPart) streamedTokens += outputTokens;
      admission?.raise(Math.max(outputTokens, streamedTokens));
    };
  }

  /** Corrects all charges; for a session, that of the last answer, after which nothing was begun. */
  settle(ending: Ending): void {
    const [first, ...others] = this.#admissions.splice(0);
    first?.settle(ending);
    for (const other of others) other.settle({ kind: 'unserved', hasReached: true });
  }

  /**
   * Returns headers with what is left to the client of a minute, in the form that SDKs expect: alternating names and
   * values.
   */
  headers(): string[] {
    const left = this.#client.budgets?.remaining(this.#asked.deployment, this.#nowMs());
    const headers: string[] = [];
    for (const what of ['tokens', 'requests'] as const) {
      const of = left?.[what];
      if (of === undefined) continue;
      const { limit, remaining, reset } = RATE_LIMIT_HEADERS[what];
      headers.push(limit, String(of.limit), remaining, String(Math.floor(of.remaining)));
      headers.push(reset, String(Math.ceil(of.resetMs / 1000)));
    }
    return headers;
  }

  /** The end of a session's last answer, for which no usage was reported; the others are charged already. */
  #lastOf({ metered }: Exchange): Ending {
    if (this.#isAhead && metered?.isComplete === true) return { kind: 'unserved', hasReached: false };
    return { kind: 'untold', outputTokens: metered?.relayedTokensEstimate ?? 0 };
  }
}

/** A line that allows an answer of any length is charged for a usual answer of this client. */
function batchTokens({ budgets }: Client, batch: BatchOrder | undefined): number | undefined {
  if (batch?.demand === undefined) return undefined;
  const { tokens, openRequests } = batch.demand;
  return tokens + openRequests * (budgets?.usualOutputTokens ?? 0);
}

/** If the client left before the answer, the backend may have created the object. */
function mayHaveBeenMade({ served, attempts }: Exchange): boolean {
  if (served !== undefined) return served.outcome.kind === 'succeeded';
  return attempts.some(({ outcome }) => outcome.kind === 'aborted');
}

/** The parts of a request that determine its charge. */
export interface BilledRequest extends Pick<FailoverRequest, 'deployment' | 'estimate'> {
  /** Whether it sets no limit on the answer. */
  readonly isOutputOpen?: boolean | undefined;
  /** The limit on all its answers together. */
  readonly allowedTokens?: number | undefined;
  /**
   * The expected usage where there is no estimate, or one that is too low. The pool does not get it, as Azure may
   * calculate otherwise.
   */
  readonly expected?: TokenEstimate | undefined;
}

/** Returns how a request has ended, as far as it concerns its client’s budgets. */
function endingOf({ metered, attempts, ending, refusal }: Ended): Ending {
  const { usage, relayedTokensEstimate = 0, isComplete = true, isUnanswered, told } = metered ?? {};
  const unserved: Ending = { kind: 'unserved', hasReached: attempts.length > 0 };
  // The response's creator is charged for it.
  if (told !== undefined) return { kind: 'unserved', hasReached: true };
  // For output after the last reported usage there is only an estimate.
  if (usage !== undefined)
    return {
      kind: 'told',
      usage: { ...usage, outputTokens: Math.max(usage.outputTokens, relayedTokensEstimate) },
    };
  if (isComplete) return unserved;
  // The gateway broke the request off: the client is not to pay for that, even if the backend goes on.
  if (isUnanswered === true && (ending !== 'abandoned' || refusal !== undefined)) return unserved;
  // If the client left before anything was answered, the charge stays, as the backend may go on.
  const isUnknown = isUnanswered === true && relayedTokensEstimate === 0;
  return { kind: 'untold', outputTokens: isUnknown ? undefined : relayedTokensEstimate };
}

type Ended = Pick<Exchange, 'metered' | 'attempts' | 'ending' | 'refusal'>;
