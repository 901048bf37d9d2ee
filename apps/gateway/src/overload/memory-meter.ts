import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';

/** So much of a limit may be in use; what is under way must be able to end with the rest. */
const USABLE_SHARE = 0.9;
const LOOK_EVERY_MS = 100;

/** What a look at the process's memory tells, in bytes. */
export interface MemoryUse {
  /** What the system counts, and kills for. */
  readonly residentBytes: number;
  readonly heapBytes: number;
}

/** Returns how much memory the process may use: the container's limit, or the machine's memory where it has none. */
export function availableMemoryBytes(): number {
  const limit = process.constrainedMemory();
  const total = totalmem();
  // 0 where it cannot be told, and an absurd number where there is no limit.
  return limit > 0 && limit < total ? limit : total;
}

/** Looks now and then how much memory the process uses, and tells whether that is nearly all it may. */
export class MemoryMeter {
  readonly limitBytes: number;
  /** Makes room, as long as it is nearly full. */
  relieve: () => void = () => {};
  #isNearlyFull = false;
  readonly #heapLimitBytes = getHeapStatistics().heap_size_limit;
  readonly #look: () => MemoryUse;
  readonly #timer: NodeJS.Timeout;

  constructor(limitBytes: number, look: () => MemoryUse = lookAtProcess) {
    this.limitBytes = limitBytes;
    this.#look = look;
    this.look();
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref();
  }

  get isNearlyFull(): boolean {
    return this.#isNearlyFull;
  }

  look(): void {
    const { residentBytes, heapBytes } = this.#look();
    this.#isNearlyFull =
      residentBytes > this.limitBytes * USABLE_SHARE || heapBytes > this.#heapLimitBytes * USABLE_SHARE;
    if (this.#isNearlyFull) this.relieve();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

function lookAtProcess(): MemoryUse {
  return { residentBytes: residentBytes(), heapBytes: getHeapStatistics().used_heap_size };
}

/** Returns the process's memory as the system counts it. It is read from a file, for which there may be no descriptor left: then 0. */
export function residentBytes(): number {
  try {
    return process.memoryUsage.rss();
  } catch {
    return 0;
  }
}
