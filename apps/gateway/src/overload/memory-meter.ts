import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';

/** At most this share of a limit may be in use; the rest is for requests under way to finish. */
const USABLE_SHARE = 0.9;
const LOOK_EVERY_MS = 100;

/** A reading of the process's memory, in bytes. */
export interface MemoryUse {
  /** The number that the system counts, and kills for. */
  readonly residentBytes: number;
  readonly heapBytes: number;
}

/** Returns how much memory the process may use: the container's limit, or the machine's memory if there is none. */
export function availableMemoryBytes(): number {
  const limit = process.constrainedMemory();
  const total = totalmem();
  // 0 where it is unknown, and an absurd number where there is no limit.
  return limit > 0 && limit < total ? limit : total;
}

/** Measures periodically how much memory the process uses, and tells whether that is nearly all it may. */
export class MemoryMeter {
  readonly limitBytes: number;
  /** Frees memory while it is nearly full. */
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

/**
 * Returns the process's memory as the system counts it. It is read from a file; 0 if no descriptor is left for that.
 */
export function residentBytes(): number {
  try {
    return process.memoryUsage.rss();
  } catch {
    return 0;
  }
}
