/** How fast a model is. */
export interface Speed {
  /** The median of the time to the first token, for a prompt without tokens; for embeddings, to the answer. */
  readonly ttftMs: number;
  /** The deviation of the logarithm of that time, which is normal (0). */
  readonly ttftSigma: number;
  /** The increase of the median for each token of the prompt. */
  readonly msPerPromptToken: number;
  /** The mean speed after the first token; `false` for all at once. */
  readonly tokensPerSecond: number | false;
  /** The deviation of the logarithm of the time of a token (0). */
  readonly tokenSigma: number;
}

/** Makes the preset of a chat model: the times to the first token are inferred, its speed is documented. */
const chat = (tokensPerSecond: number): Speed => ({
  ttftMs: 250,
  ttftSigma: 0.3,
  msPerPromptToken: 0.2,
  tokensPerSecond,
  tokenSigma: 0.25,
});

const embedding: Speed = {
  ttftMs: 100,
  ttftSigma: 0.3,
  msPerPromptToken: 0,
  tokensPerSecond: false,
  tokenSigma: 0,
};

/** How fast models are: Microsoft's targets, its sample run of a provisioned gpt-4, and its older simulator's numbers. */
export const latencyPresets = {
  'gpt-4o': chat(25),
  'gpt-4o-mini': chat(33),
  'gpt-4.1': chat(80),
  'gpt-4.1-mini': chat(80),
  'gpt-4.1-nano': chat(100),
  'gpt-5': chat(50),
  'gpt-4-ptu': { ttftMs: 840, ttftSigma: 0.27, msPerPromptToken: 0, tokensPerSecond: 24, tokenSigma: 0.25 },
  'gpt-35-turbo': { ...chat(1000 / 19), tokenSigma: 0.31 },
  'gpt-35-turbo-instruct': { ...chat(1000 / 15), tokenSigma: 0.13 },
  'text-embedding': embedding,
} as const satisfies Record<string, Speed>;

/** A model whose speed is known. */
export type LatencyPreset = keyof typeof latencyPresets;

/** The names of all models whose speed is known. */
export const latencyPresetNames = Object.keys(latencyPresets) as readonly LatencyPreset[];

const longestFirst = latencyPresetNames.toSorted((one, other) => other.length - one.length);

/** Returns the model that a deployment's name begins with. */
export function presetOf(deployment: string): LatencyPreset {
  return longestFirst.find((name) => deployment.startsWith(name)) ?? 'gpt-4o';
}
