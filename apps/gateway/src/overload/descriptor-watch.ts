import type { Log } from '../telemetry/log.ts';
import { findTrouble, isOwnTrouble } from './own-trouble.ts';

/** Nobody is told when a new connection of a client is closed for lack of a descriptor, so somebody has to look. */
const LOOK_EVERY_MS = 1000;
/** It comes with every connection, and is said no more often than this. */
const SAY_EVERY_MS = 1000;

/** Says in the log when the process can open no more connections, and has somebody make room. */
export class DescriptorWatch {
  /** Makes room. */
  relieve: () => void = () => {};
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  #saidMs = Number.NEGATIVE_INFINITY;

  constructor(log: Log) {
    this.#log = log;
    this.#timer = setInterval(() => this.note(findTrouble()), LOOK_EVERY_MS).unref();
  }

  /** Takes note of an error of any connection, whosever fault it is. */
  note = (error: unknown): void => {
    if (!isOwnTrouble(error)) return;
    this.relieve();
    if (Date.now() - this.#saidMs < SAY_EVERY_MS) return;
    this.#saidMs = Date.now();
    const { code, syscall } = error;
    this.#log.error({ code, syscall }, 'the process can open no more connections');
  };

  stop(): void {
    clearInterval(this.#timer);
  }
}
