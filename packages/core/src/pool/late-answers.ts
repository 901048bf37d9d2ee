import type { HeaderLookup } from '../attempt.ts';
import { ResponseTimes } from '../health/response-times.ts';
import { BoundedMap } from './bounded-map.ts';

/** Clients choose the names, though only those that a backend has served are remembered. */
const MAX_DEPLOYMENTS = 500;

/**
 * How long answers of each deployment take to begin, at whichever backend: streams until their first event, others
 * mostly until their last token.
 */
export class LateAnswers {
  readonly #streams = new BoundedMap<ResponseTimes>(MAX_DEPLOYMENTS);
  readonly #others = new BoundedMap<ResponseTimes>(MAX_DEPLOYMENTS);

  /** Notes how long an answer took. */
  note(deployment: string, header: HeaderLookup, ms: number): void {
    const isStream = header('content-type')?.startsWith('text/event-stream') === true;
    const known = isStream ? this.#streams : this.#others;
    let times = known.get(deployment);
    if (times === undefined) known.set(deployment, (times = new ResponseTimes()));
    times.note(ms);
  }

  /**
   * Returns the time after which an answer is so late that another backend may be asked as well; undefined if unknown.
   */
  lateAfterMs(deployment: string, isStream: boolean): number | undefined {
    return (isStream ? this.#streams : this.#others).get(deployment)?.hedgeAfterMs;
  }
}
