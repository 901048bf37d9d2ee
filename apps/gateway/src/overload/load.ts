import { GatewayError, RETRY_SOON } from '../errors.ts';
import type { KeptBytes } from './kept-bytes.ts';
import type { MemoryMeter } from './memory-meter.ts';

/** A connection's description of itself. */
interface Connection {
  /** Whether there are more connections than allowed. */
  readonly isOverLimit: boolean;
}

/** The load of the process, and whether it can take more. */
export class Load {
  #inFlight = 0;
  readonly kept: KeptBytes;
  readonly #limit: number;
  readonly #memory: Pick<MemoryMeter, 'isNearlyFull'>;
  #waiters: (() => void)[] = [];

  /** @param limit the number of requests that may be under way at once */
  constructor(limit: number, kept: KeptBytes, memory: Pick<MemoryMeter, 'isNearlyFull'>) {
    this.#limit = limit;
    this.kept = kept;
    this.#memory = memory;
  }

  /** Requests and sessions under way. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Returns why no more requests are accepted at present, or undefined if they are. */
  get whyRefusing(): string | undefined {
    return this.#whyRefusingBeside(this.#inFlight);
  }

  /** Counts a request in. It must leave again, refused or not. */
  enter(): void {
    this.#inFlight++;
  }

  leave(): void {
    this.#inFlight--;
    if (this.#inFlight > 0) return;
    for (const wake of this.#waiters.splice(0)) wake();
  }

  /** Resolves when nothing is under way. */
  async whenIdle(): Promise<void> {
    if (this.#inFlight > 0) await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  /**
   * Checks whether the process can accept the request that has just entered.
   *
   * @throws GatewayError `overloaded` with `Retry-After`
   */
  check({ isOverLimit }: Connection): void {
    if (isOverLimit) throw overloaded('too many connections are open', { connection: 'close' });
    const why = this.#whyRefusingBeside(this.#inFlight - 1);
    if (why !== undefined) throw overloaded(why);
  }

  #whyRefusingBeside(inFlight: number): string | undefined {
    if (this.#memory.isNearlyFull) return 'nearly all of its memory is in use';
    if (this.kept.isFarOverLimit) return 'too many request bodies are kept';
    return inFlight >= this.#limit ? 'too many requests are under way' : undefined;
  }
}

/** Returns the error of a request that the gateway has no room for. */
export function overloaded(why: string, headers: Readonly<Record<string, string>> = {}): GatewayError {
  return new GatewayError('overloaded', `The gateway is overloaded: ${why}.`, {
    ...RETRY_SOON,
    ...headers,
  });
}
