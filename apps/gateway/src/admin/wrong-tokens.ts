import type { Log } from '../telemetry/log.ts';

const EVERY_MS = 60_000;

/** Counts wrong tokens and logs them: the first at once, then once a minute. */
export class WrongTokens {
  readonly #log: Pick<Log, 'warn'>;
  #count = 0;
  #untold = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Pick<Log, 'warn'>) {
    this.#log = log;
  }

  /** The number of wrong tokens since the start. */
  get count(): number {
    return this.#count;
  }

  note(): void {
    this.#count++;
    this.#untold++;
    if (this.#timer === undefined) this.#tell();
  }

  /** Logs the remaining ones, and nothing after that. */
  stop(): void {
    clearTimeout(this.#timer);
    if (this.#untold > 0) this.#tell();
    clearTimeout(this.#timer);
  }

  #tell(): void {
    this.#timer = undefined;
    if (this.#untold === 0) return;
    this.#log.warn({ count: this.#untold }, 'wrong tokens were sent to the listener for operators');
    this.#untold = 0;
    this.#timer = setTimeout(() => this.#tell(), EVERY_MS).unref();
  }
}
