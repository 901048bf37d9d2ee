/** A process that proxies by a reference strategy; its configuration is its one argument, as JSON. */
import { seededRandom } from '@spillway/simulation';
import type { ReferenceBackend } from './reference-strategy.ts';
import { startReference } from './start-reference.ts';
import { referenceStrategies, type ReferenceName } from './strategies.ts';

/** The configuration of the process. */
export interface ReferenceArguments {
  readonly strategy: ReferenceName;
  readonly backends: readonly ReferenceBackend[];
  readonly apiKey: string;
  readonly timeScale: number;
  readonly seed: number;
}

const { strategy, backends, apiKey, timeScale, seed } = JSON.parse(
  process.argv[2] ?? '',
) as ReferenceArguments;
const { url } = await startReference({
  backends,
  strategy: referenceStrategies[strategy](backends, seededRandom(seed)),
  apiKey,
  timeScale,
});
process.stdout.write(`${JSON.stringify({ msg: 'listening', url })}\n`);
