/** Future events, each a whole number that its reader understands: a binary heap that allocates nothing. */
export class EventQueue {
  #atMs = new Float64Array(1024);
  /** How many events had been added before: keeps events of the same moment in order. */
  #order = new Float64Array(1024);
  #event = new Int32Array(1024);
  #size = 0;
  #added = 0;
  #nowMs = 0;

  get size(): number {
    return this.#size;
  }

  /** The time of the most recently taken event, in ms. */
  get nowMs(): number {
    return this.#nowMs;
  }

  add(atMs: number, event: number): void {
    if (this.#size === this.#event.length) this.#grow();
    let index = this.#size++;
    const order = this.#added++;
    // Of two events at the same moment the new one comes later, so only a later time makes room for it.
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if ((this.#atMs[parent] as number) <= atMs) break;
      this.#move(parent, index);
      index = parent;
    }
    this.#put(index, atMs, order, event);
  }

  /** Takes the next event, and makes its time the present. There must be one. */
  take(): number {
    const event = this.#event[0] as number;
    this.#nowMs = this.#atMs[0] as number;
    const last = --this.#size;
    this.#sink(this.#atMs[last] as number, this.#order[last] as number, this.#event[last] as number);
    return event;
  }

  /** Puts an event at the top, and lets the earlier of those below pass it. */
  #sink(atMs: number, order: number, event: number): void {
    let index = 0;
    for (let child = 1; child < this.#size; child = 2 * index + 1) {
      if (child + 1 < this.#size && !this.#isBefore(child, this.#atMs[child + 1], this.#order[child + 1]))
        child += 1;
      if (!this.#isBefore(child, atMs, order)) break;
      this.#move(child, index);
      index = child;
    }
    this.#put(index, atMs, order, event);
  }

  #isBefore(index: number, atMs = 0, order = 0): boolean {
    const difference = (this.#atMs[index] as number) - atMs;
    return difference < 0 || (difference === 0 && (this.#order[index] as number) < order);
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#atMs[from] as number, this.#order[from] as number, this.#event[from] as number);
  }

  #put(index: number, atMs: number, order: number, event: number): void {
    this.#atMs[index] = atMs;
    this.#order[index] = order;
    this.#event[index] = event;
  }

  #grow(): void {
    const [atMs, order, event] = [this.#atMs, this.#order, this.#event];
    this.#atMs = new Float64Array(2 * event.length);
    this.#order = new Float64Array(2 * event.length);
    this.#event = new Int32Array(2 * event.length);
    this.#atMs.set(atMs);
    this.#order.set(order);
    this.#event.set(event);
  }
}
