import type { HeaderLookup } from '../attempt.ts';
import { ResponseTimes } from '../health/response-times.ts';
import { BoundedMap } from './bounded-map.ts';

/** Clients choose the names, though only of what a backend has served one is remembered. */
const MAX_DEPLOYMENTS = 500;

/**
 * How long answers of each deployment take to begin, wherever it is asked for: streams to their first event, others mostly to
 * their last token.
 */
export class LateAnswers {
  readonly #streams = new BoundedMap<ResponseTimes>(MAX_DEPLOYMENTS);
  readonly #others = new BoundedMap<ResponseTimes>(MAX_DEPLOYMENTS);

  /** Takes note of how long an answer took. */
  note(deployment: string, header: HeaderLookup, ms: number): void {
    const isStream = header('content-type')?.startsWith('text/event-stream') === true;
    const known = isStream ? this.#streams : this.#others;
    let times = known.get(deployment);
    if (times === undefined) known.set(deployment, (times = new ResponseTimes()));
    times.note(ms);
  }

  /** Returns after which time an answer is so late that another backend may be asked as well; undefined if that is not known. */
  lateAfterMs(deployment: string, isStream: boolean): number | undefined {
    return (isStream ? this.#streams : this.#others).get(deployment)?.hedgeAfterMs;
  }
}
