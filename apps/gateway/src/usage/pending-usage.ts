import type { Expected } from '../telemetry/exchange.ts';

/** More than this a gateway does not remember: the oldest are forgotten, and stay charged as they were expected to be. */
const MAX_PENDING = 100_000;

/** The objects whose usage is still to be told. */
export class PendingUsage {
  readonly #expected = new Map<string, Expected>();

  /** An object's usage will be told by a later answer about it. */
  expect(id: string, expected: Expected): void {
    this.#expected.set(id, expected);
    if (this.#expected.size <= MAX_PENDING) return;
    const [oldest = ''] = this.#expected.keys();
    this.#expected.delete(oldest);
  }

  /** Returns what was expected of an object, the first time that its usage is told. */
  take(id: string): Expected | undefined {
    const expected = this.#expected.get(id);
    this.#expected.delete(id);
    return expected;
  }
}
