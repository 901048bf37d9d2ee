import type { Log } from '../telemetry/log.ts';
import { findTrouble, isOwnTrouble } from './own-trouble.ts';

/** No error is reported when a client's new connection is closed for lack of a descriptor, so this has to be polled. */
const LOOK_EVERY_MS = 1000;
/** The error comes with every connection, and is logged at most this often. */
const SAY_EVERY_MS = 1000;

/** Logs when the process can open no more connections, and asks for room. */
export class DescriptorWatch {
  /** Frees descriptors. */
  relieve: () => void = () => {};
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  #saidMs = Number.NEGATIVE_INFINITY;

  constructor(log: Log) {
    this.#log = log;
    this.#timer = setInterval(() => this.note(findTrouble()), LOOK_EVERY_MS).unref();
  }

  /** Records an error of any connection, whatever its cause. */
  note = (error: unknown): void => {
    if (!isOwnTrouble(error)) return;
    this.relieve();
    if (performance.now() - this.#saidMs < SAY_EVERY_MS) return;
    this.#saidMs = performance.now();
    const { code, syscall } = error;
    this.#log.error({ code, syscall }, 'the process can open no more connections');
  };

  stop(): void {
    clearInterval(this.#timer);
  }
}
