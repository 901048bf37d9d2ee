/** A timer that rings once, and can be set anew. */
export class TimerAlarm {
  #timer: NodeJS.Timeout | undefined;

  set(ms: number, ring: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(ring, ms);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
