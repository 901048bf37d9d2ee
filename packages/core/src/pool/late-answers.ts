import type { HeaderLookup } from '../attempt.ts';
import { ResponseTimes } from '../health/response-times.ts';
import { BoundedMap } from './bounded-map.ts';

/** Clients choose the names, though only those that a backend has served are remembered. */
const MAX_DEPLOYMENTS = 500;
/** As long as too little is known of a deployment, none of its answers is late before this time. */
const UNKNOWN_LATE_MS = 5000;
/** The same where the backend has served later requests meanwhile: it is not silent, so the answer is probably long. */
const SERVING_LATE_MS = 15_000;
/** How long the one attempt beside such a late answer keeps the next one waiting, if nothing is answered meanwhile. */
const TRIAL_PAUSE_MS = 10_000;

/** A request that has no answer yet. */
interface Unanswered {
  readonly silentMs: number;
  /** Whether its backend has served requests that began later. */
  readonly isServingOthers: boolean;
}

/**
 * How long answers of each deployment take to begin, at whichever backend: streams and sessions until their first event,
 * others mostly until their last token.
 */
export class LateAnswers {
  readonly #streams = new BoundedMap<ResponseTimes>(MAX_DEPLOYMENTS);
  readonly #others = new BoundedMap<ResponseTimes>(MAX_DEPLOYMENTS);
  /** From when on the next such attempt may begin. */
  #trialFromMs = Number.NEGATIVE_INFINITY;

  /** Notes how long an answer took. */
  note(deployment: string, header: HeaderLookup, ms: number): void {
    const known = beginsAtOnce(header) ? this.#streams : this.#others;
    let times = known.get(deployment);
    if (times === undefined) known.set(deployment, (times = new ResponseTimes()));
    if (!times.isKnown) this.#trialFromMs = Number.NEGATIVE_INFINITY;
    times.note(ms);
  }

  /**
   * Returns whether another backend may be asked although hardly anything is known of how long such answers take: after
   * a restart before a silent backend, nothing else would ever show it. There is one such attempt at a time, and none
   * before three times the longest answer so far, as answers may just be long.
   */
  takeTrial(
    deployment: string,
    isStream: boolean,
    { silentMs, isServingOthers }: Unanswered,
    nowMs: number,
  ): boolean {
    const guessedMs = this.#timesOf(deployment, isStream)?.guessedLateMs ?? 0;
    const leastMs = isServingOthers ? SERVING_LATE_MS : UNKNOWN_LATE_MS;
    if (silentMs < Math.max(leastMs, guessedMs) || nowMs < this.#trialFromMs) return false;
    this.#trialFromMs = nowMs + TRIAL_PAUSE_MS;
    return true;
  }

  /**
   * Returns the time after which an answer is so late that another backend may be asked as well; undefined if unknown.
   */
  lateAfterMs(deployment: string, isStream: boolean): number | undefined {
    return this.#timesOf(deployment, isStream)?.hedgeAfterMs;
  }

  #timesOf(deployment: string, isStream: boolean): ResponseTimes | undefined {
    return (isStream ? this.#streams : this.#others).get(deployment);
  }
}

/** Returns whether an answer with these headers is a stream or a session. */
function beginsAtOnce(header: HeaderLookup): boolean {
  return (
    header('content-type')?.startsWith('text/event-stream') === true || header('upgrade') === 'websocket'
  );
}
