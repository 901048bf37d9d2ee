import type { Expected } from '../telemetry/exchange.ts';

/** The limit on remembered objects: beyond it the oldest are forgotten, and keep their expected charge. */
const MAX_PENDING = 100_000;

/** The objects whose usage is still to be reported. */
export class PendingUsage {
  readonly #expected = new Map<string, Expected>();

  /** Records that an object's usage will be reported by a later answer about it. */
  expect(id: string, expected: Expected): void {
    this.#expected.set(id, expected);
    if (this.#expected.size <= MAX_PENDING) return;
    const [oldest = ''] = this.#expected.keys();
    this.#expected.delete(oldest);
  }

  /** Returns the expectation for an object whose usage has not been reported yet. */
  find(id: string): Expected | undefined {
    return this.#expected.get(id);
  }

  /** Returns the expectation for an object, the first time that its usage is reported. */
  take(id: string): Expected | undefined {
    const expected = this.#expected.get(id);
    this.#expected.delete(id);
    return expected;
  }
}
