import type { Random } from '@spillway/simulation';
import { ApimSample } from './apim-sample.ts';
import type { ReferenceBackend, ReferenceStrategy } from './reference-strategy.ts';
import { RoundRobin } from './round-robin.ts';

type MakeStrategy = (backends: readonly ReferenceBackend[], random: Random) => ReferenceStrategy;

/** The policies that Spillway is compared with, by name. */
export const referenceStrategies = {
  'apim-sample': (backends, random) => new ApimSample(backends, random),
  'round-robin': (backends) => new RoundRobin(backends),
} as const satisfies Readonly<Record<string, MakeStrategy>>;

/** The name of a policy. */
export type ReferenceName = keyof typeof referenceStrategies;
