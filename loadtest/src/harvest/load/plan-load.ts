import { drawBetween, type Random, seededRandom } from '@spillway/simulation';
import { tokensPerMinute, warmUpMinutes, type HarvestSetup } from '../harvest-setup.ts';
import { drawSizes } from './draw-sizes.ts';

/** A request that will be sent regardless of the earlier ones. */
export interface PlannedRequest {
  /** Counts from 1. */
  readonly number: number;
  /** When it is sent, in real time from the beginning of the run. */
  readonly atMs: number;
  /** A backend's charge for it: a token for four characters of its prompt, and `maxTokens`. */
  readonly tokens: number;
  readonly maxTokens: number;
  readonly isStreamed: boolean;
  /** The conversation whose long beginning its prompt shares. */
  readonly conversation: number | undefined;
}

/** The shared beginning of a conversation's prompts, in tokens: more than the 1,024 from which Azure caches. */
export const beginningTokens = 1_152;

/** How many conversations there are. */
export const conversationCount = 8;

const leastOwnTokens = 16;

/**
 * Plans the requests of a run that offers `load` times the load that the quotas allow: Poisson arrivals, whose rate is
 * set so that the warm-up and the measured time each offer exactly the right number of tokens.
 */
export function planLoad(load: number, setup: HarvestSetup): PlannedRequest[] {
  const random = seededRandom(setup.seed);
  const sizes = drawSizes(random);
  const warmUp = planStretch(load, 0, warmUpMinutes, setup, random, sizes);
  const measured = planStretch(load, warmUpMinutes, setup.measuredMinutes, setup, random, sizes);
  return [...warmUp, ...measured].map((request, index) => ({ number: index + 1, ...request }));
}

function planStretch(
  load: number,
  fromMinute: number,
  minutes: number,
  { timeScale }: HarvestSetup,
  random: Random,
  sizes: Generator<number, never>,
): Omit<PlannedRequest, 'number'>[] {
  const minuteMs = 60_000 / timeScale;
  const wanted = load * tokensPerMinute * minutes;
  const drawn: Omit<PlannedRequest, 'number'>[] = [];
  let offered = 0;
  let atGaps = 0;
  while (offered < wanted) {
    atGaps += -Math.log(1 - random());
    const tokens = sizes.next().value;
    offered += tokens;
    drawn.push({ atMs: atGaps, ...drawShape(tokens, random) });
  }
  atGaps += -Math.log(1 - random());
  return drawn.map((request) => ({
    ...request,
    atMs: minuteMs * (fromMinute + (request.atMs / atGaps) * minutes),
  }));
}

function drawShape(tokens: number, random: Random) {
  const maxTokens = Math.max(
    16,
    Math.min(400, drawBetween(random, Math.floor(tokens / 20), Math.floor(tokens / 4))),
  );
  const isLong = tokens - maxTokens >= beginningTokens + leastOwnTokens;
  const isStreamed = random() < 0.5;
  const conversation = drawBetween(random, 0, conversationCount - 1);
  return { tokens, maxTokens, isStreamed, conversation: isLong ? conversation : undefined };
}
