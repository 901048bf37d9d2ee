import type { Alarm } from '@spillway/core';

/** An alarm that rings in virtual time. */
export class VirtualAlarm implements Alarm {
  readonly #schedule: (delayMs: number, run: () => void) => void;
  /** Tells the latest setting from earlier ones, which stay in the queue and do nothing. */
  #number = 0;

  constructor(schedule: (delayMs: number, run: () => void) => void) {
    this.#schedule = schedule;
  }

  set(ms: number, ring: () => void): void {
    const number = ++this.#number;
    this.#schedule(ms, () => {
      if (number === this.#number) ring();
    });
  }

  clear(): void {
    this.#number += 1;
  }
}
