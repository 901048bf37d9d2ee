/** The known limits of a family of models. */
export interface FamilyPreset {
  /** Requests per minute for each 1,000 tokens per minute. */
  readonly requestsPerKTokens: number;
  /** The window of `x-ratelimit-limit-requests`: 10 s for older models, a minute for newer ones. */
  readonly reportedWindowMs: number;
  /** Requests per minute of a family whose limit does not derive from tokens. */
  readonly rpm?: number;
  /** Provisioned: input tokens per minute for each unit. */
  readonly inputTpmPerUnit?: number;
  /** Provisioned: how many input tokens an output token weighs. */
  readonly outputWeight?: number;
}

const older = { requestsPerKTokens: 6, reportedWindowMs: 10_000 };
const newer = { requestsPerKTokens: 1, reportedWindowMs: 60_000 };
const gpt4o = { requestsPerKTokens: 10, reportedWindowMs: 60_000 };

/** The families by the beginning of their models' names. */
export const presets = {
  'gpt-35': older,
  'gpt-4': older,
  'text-embedding': older,
  'gpt-4o': { ...gpt4o, inputTpmPerUnit: 2500 },
  'gpt-4o-mini': { ...gpt4o, inputTpmPerUnit: 37_000 },
  'gpt-4.1': { ...newer, inputTpmPerUnit: 3000, outputWeight: 4 },
  'gpt-5': { ...newer, inputTpmPerUnit: 4750, outputWeight: 8 },
  o3: newer,
  'o4-mini': newer,
  o1: { ...newer, requestsPerKTokens: 1 / 6 },
  'o1-mini': { ...newer, requestsPerKTokens: 0.1 },
  'o3-mini': { ...newer, requestsPerKTokens: 0.1 },
  'o3-pro': { ...newer, requestsPerKTokens: 0.1 },
  whisper: { ...newer, rpm: 3 },
  'dall-e': { ...newer, rpm: 6 },
} as const satisfies Readonly<Record<string, FamilyPreset>>;

/** The name of a family. */
export type Family = keyof typeof presets;

/** The names of all families. */
export const families = Object.keys(presets) as readonly Family[];

/**
 * Returns a family's preset; without a name, that of the family that the deployment's name begins with, else gpt-35's.
 */
export function presetOf(family: Family | undefined, deployment: string): FamilyPreset {
  if (family !== undefined) return presets[family];
  const matching = families.filter((name) => deployment.startsWith(name));
  const longest = matching.sort((one, other) => other.length - one.length)[0];
  return presets[longest ?? 'gpt-35'];
}
