import type { Config } from '../config/schema.ts';
import { KeptBytes } from './kept-bytes.ts';
import { Load } from './load.ts';
import { availableMemoryBytes, MemoryMeter } from './memory-meter.ts';

/** The share of the limit on kept bodies that later requests on all connections may use. */
const READ_AHEAD_SHARE = 0.125;

/** Creates the limits on everything that the process has under way. */
export function createLoad(limits: Config['limits']) {
  const memory = new MemoryMeter(limits.memoryBytes ?? availableMemoryBytes());
  const kept = new KeptBytes(limits.keptBytes ?? memory.limitBytes / 4);
  const readAhead = new KeptBytes(kept.limit * READ_AHEAD_SHARE);
  return { memory, readAhead, load: new Load(limits.inFlight, kept, memory) };
}
