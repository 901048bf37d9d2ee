import type { Admission, BudgetRefusal, Ending, FailoverRequest, TokenEstimate } from '@spillway/core';
import { budgetRefused } from '../client/budget-refused.ts';
import type { Client } from '../client/client.ts';
import type { GatewayError } from '../errors.ts';
import { RATE_LIMIT_HEADERS } from '../headers/to-client.ts';
import type { BatchDemand } from '../usage/batch-lines.ts';
import type { AnswerUsage, Exchange, Expected } from '../telemetry/exchange.ts';

/** Answers in a session come one after the other, so that hardly any is told late. */
const MAX_UNTOLD = 16;

/** What a request is charged to its client’s budgets: admitted at one deployment at a time, and settled once. */
export class ClientBill {
  readonly #client: Client;
  readonly #nowMs: () => number;
  /** Of a session whose messages are read, one for each that has no answer yet. */
  #admissions: Admission[] = [];
  /** Of a session, those that were settled without a usage, which may still be told. */
  readonly #untoldOnes: Admission[] = [];
  /** What the lines of a file for batches ask for: they are charged with the file, as nothing tells of them later. */
  readonly #batch: BatchDemand | undefined;
  /** Why a session may not go on. */
  refusal: BudgetRefusal | undefined;
  #asked: BilledRequest = { deployment: '' };
  /** Whether a session was charged while it ran. */
  #wasCharged = false;
  /** Whether it was admitted for an answer that it may not have asked for. */
  #isAhead = false;

  constructor(client: Client, nowMs: () => number, batch?: BatchDemand) {
    this.#client = client;
    this.#batch = batch;
    this.#nowMs = nowMs;
  }

  /**
   * Charges a request at another deployment instead, with which it is still one request. Returns why it is not admitted there.
   *
   * @param hasReached whether a backend of the first has got it, where it counts if it is not admitted
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
    const { estimate = asked.expected, isOutputOpen, allowedTokens } = asked;
    const [deployment = asked.deployment] = this.#batch?.models ?? [];
    // Where no prompt was read, nothing of it is certain.
    const textTokens = asked.estimate === undefined ? 0 : undefined;
    const request = { deployment, estimate, isOutputOpen, allowedTokens, textTokens };
    const admitted = this.#client.budgets?.admit(request, this.#nowMs(), Date.now());
    if (admitted?.kind !== 'admitted') return admitted;
    this.#admissions.push(admitted);
    return undefined;
  }

  /** Returns what the client is told when its budgets do not admit a request. */
  refused(refusal: BudgetRefusal): GatewayError {
    const left = this.headers();
    const headers: Record<string, string> = {};
    for (let i = 0; i + 1 < left.length; i += 2) headers[left[i] as string] = left[i + 1] as string;
    return budgetRefused(refusal, this.#client.name, Date.now(), headers);
  }

  /** Charges what an answer in a session has taken. */
  settleNext({ promptTokens, outputTokens }: AnswerUsage): void {
    const usage = { promptTokens, outputTokens };
    this.#wasCharged = true;
    const admission = this.#admissions.shift();
    if (admission !== undefined) return admission.settle({ kind: 'told', usage });
    // What seemed to end it was about something else.
    const untold = this.#untoldOnes.shift();
    if (untold !== undefined) return untold.correct(usage);
    this.#client.budgets?.charge(this.#asked.deployment, usage, this.#nowMs(), Date.now());
  }

  /**
   * An answer in a session has ended, or was refused, and tells no usage.
   *
   * @param outputTokens what it has said; undefined if it had not begun
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

  /** Charges what a session has taken up to now, and admits what it will ask for next, unless that was refused before. */
  renew(usage: AnswerUsage): void {
    this.settleNext(usage);
    if (this.refusal !== undefined) return;
    this.refusal = this.admitNext({ deployment: this.#asked.deployment });
    this.#isAhead = this.refusal === undefined;
  }

  /** Corrects what was charged to what the request has taken. */
  settleEnd(exchange: Exchange): void {
    const created = exchange.metered?.created;
    if (created !== undefined) this.#settleUntilTold(created);
    if (this.#wasCharged) return this.settle(this.#lastOf(exchange));
    const isBatch = this.#batch !== undefined && exchange.served?.outcome.kind === 'succeeded';
    this.settle(isBatch ? { kind: 'told', usage: this.#batchUsage } : endingOf(exchange));
  }

  /** Lines that allow an answer of any length are charged one as this client's usually are. */
  get #batchUsage(): Pick<AnswerUsage, 'promptTokens' | 'outputTokens'> {
    const { tokens = 0, openRequests = 0 } = this.#batch ?? {};
    const usual = this.#client.budgets?.usualOutputTokens ?? 0;
    return { promptTokens: tokens, outputTokens: openRequests * usual };
  }

  /** It goes on in the background: what was charged stays, so that nobody has more under way than there is room for. */
  #settleUntilTold(created: Expected): void {
    const admission = this.#admissions.shift();
    admission?.settle({ kind: 'untold' });
    created.correct = (usage) => admission?.correct(usage);
  }

  /** Corrects all charges: of a session that of the last answer, after which nothing was begun. */
  settle(ending: Ending): void {
    const [first, ...others] = this.#admissions.splice(0);
    first?.settle(ending);
    for (const other of others) other.settle({ kind: 'unserved', hasReached: true });
  }

  /** Returns headers that say what is left to the client of a minute, as SDKs look for it: names and values in turn. */
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

  /** How the last answer of a session has ended, of which nothing was told: the others are charged already. */
  #lastOf({ metered }: Exchange): Ending {
    if (this.#isAhead && metered?.isComplete === true) return { kind: 'unserved', hasReached: false };
    return { kind: 'untold', outputTokens: metered?.relayedTokensEstimate ?? 0 };
  }
}

/** A request, as far as it is charged. */
export interface BilledRequest extends Pick<FailoverRequest, 'deployment' | 'estimate'> {
  /** Whether it names no longest answer. */
  readonly isOutputOpen?: boolean | undefined;
  /** What all its answers may have together. */
  readonly allowedTokens?: number | undefined;
  /** What it is expected to take where there is no estimate: of that the pool knows nothing, as Azure may reckon otherwise. */
  readonly expected?: TokenEstimate | undefined;
}

/** Returns how a request has ended, as far as its client’s budgets are concerned. */
function endingOf({ metered, attempts }: Ended): Ending {
  const { usage, relayedTokensEstimate = 0, isComplete = true, told } = metered ?? {};
  // Who has created it is charged for it.
  if (told !== undefined) return { kind: 'unserved', hasReached: true };
  // Of what was said after the last usage that was told, only an estimate is known.
  if (usage !== undefined)
    return {
      kind: 'told',
      usage: { ...usage, outputTokens: Math.max(usage.outputTokens, relayedTokensEstimate) },
    };
  return isComplete
    ? { kind: 'unserved', hasReached: attempts.length > 0 }
    : { kind: 'untold', outputTokens: relayedTokensEstimate };
}

type Ended = Pick<Exchange, 'metered' | 'attempts'>;
