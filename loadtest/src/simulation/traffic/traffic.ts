import { type Call, drawGapMs, drawLogNormal, type Random } from '@spillway/simulation';

/** A kind of request in the mix. */
interface Kind {
  /** Its share of all requests. */
  readonly share: number;
  readonly medianPromptTokens: number;
  readonly maxTokens: number;
}

/** Mostly small ones by number, mostly large ones by tokens. */
const MIX: readonly [Kind, ...Kind[]] = [
  { share: 0.76, medianPromptTokens: 70, maxTokens: 100 },
  { share: 0.2, medianPromptTokens: 200, maxTokens: 250 },
  { share: 0.04, medianPromptTokens: 2000, maxTokens: 1000 },
];

/** How far the lengths of prompts of one kind spread, as the sigma of a log-normal. */
const PROMPT_SPREAD = 0.5;
/** The error of the gateway's estimate of a prompt. */
const ESTIMATE_SPREAD = 0.1;
const STREAMED_SHARE = 0.5;
/** To the first token, in addition to the time for each token of the prompt. */
const FIRST_TOKEN_MS = 400;
const FIRST_TOKEN_SPREAD = 0.4;
const PROMPT_TOKEN_MS = 0.2;
const OUTPUT_TOKEN_MS = 20;
const OUTPUT_TOKEN_SPREAD = 0.3;

/** The average charge of the mix's requests. */
export const MEAN_TOKENS = MIX.reduce(
  (sum, { share, medianPromptTokens, maxTokens }) =>
    sum + share * (medianPromptTokens * Math.exp(PROMPT_SPREAD ** 2 / 2) + maxTokens),
  0,
);

/** The requests of all clients: they come independently of each other, and to every replica alike. */
export class Traffic {
  readonly #random: Random;
  readonly #replicas: number;
  readonly #callsPerMs: number;

  constructor(random: Random, replicas: number, tokensPerMinute: number) {
    this.#random = random;
    this.#replicas = replicas;
    this.#callsPerMs = tokensPerMinute / MEAN_TOKENS / 60_000;
  }

  /** Draws the time from one request to the next. */
  gapMs(): number {
    return drawGapMs(this.#random, this.#callsPerMs);
  }

  next(): Call {
    const random = this.#random;
    const { medianPromptTokens, maxTokens } = pickKind(random());
    const promptTokens = Math.ceil(drawLogNormal(random, medianPromptTokens, PROMPT_SPREAD));
    const outputTokens = Math.ceil(maxTokens * random());
    const firstMs =
      drawLogNormal(random, FIRST_TOKEN_MS, FIRST_TOKEN_SPREAD) + promptTokens * PROMPT_TOKEN_MS;
    const outputMs = outputTokens * drawLogNormal(random, OUTPUT_TOKEN_MS, OUTPUT_TOKEN_SPREAD);
    const isStreamed = random() < STREAMED_SHARE;
    return {
      replica: Math.floor(random() * this.#replicas),
      promptTokens,
      estimatedTokens: Math.ceil(drawLogNormal(random, promptTokens, ESTIMATE_SPREAD)),
      maxTokens,
      outputTokens,
      cachedTokens: 0,
      headMs: isStreamed ? firstMs : firstMs + outputMs,
      bodyMs: isStreamed ? outputMs : 0,
    };
  }
}

function pickKind(ticket: number): Kind {
  let left = ticket;
  for (const kind of MIX) {
    left -= kind.share;
    if (left < 0) return kind;
  }
  return MIX[0];
}
