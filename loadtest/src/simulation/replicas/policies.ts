import { strategies, type StrategyName } from '@spillway/core';
import type { Random, SimulatedBackend } from '@spillway/simulation';
import { ApimSample } from './apim-sample.ts';
import { CoreReplica } from './core-replica.ts';
import type { Replica } from './replica.ts';

/** Makes one replica of a policy. */
export type MakeReplica = (
  backends: readonly SimulatedBackend[],
  random: Random,
  nowMs: () => number,
) => Replica;

/** The policies that can be compared: every strategy of the core, and Azure's sample. */
export const policies: ReadonlyMap<string, MakeReplica> = new Map<string, MakeReplica>([
  ...Object.keys(strategies).map((name): [string, MakeReplica] => [
    name,
    (backends, random, nowMs) => new CoreReplica(backends, name as StrategyName, random, nowMs),
  ]),
  ['apim-sample', (backends, random, nowMs) => new ApimSample(backends, random, nowMs)],
]);
