import type { Usage } from '@spillway/core';

/** Who is told what an answer has taken of the quota. */
interface Charged {
  readonly wantsUsage: boolean;
  finish(usage: Usage, nowMs: number): void;
}

/** An answer that may say what it has taken. */
interface Telling {
  keepTail(): { usage(): Usage | undefined };
}

/** Reads off an answer what it has really taken of the quota. */
class UsageWatch {
  readonly #charged: Charged;
  readonly #tail: { usage(): Usage | undefined };

  constructor(charged: Charged, body: Telling) {
    this.#charged = charged;
    this.#tail = body.keepTail();
  }

  /** The answer has ended. */
  end(nowMs: number): void {
    const usage = this.#tail.usage();
    if (usage !== undefined) this.#charged.finish(usage, nowMs);
  }
}

/** Watches what an answer says that it has taken, where there is an answer and a quota that gets the rest back. */
export function watchUsage(
  verdict:
    | {
        readonly kind: 'relay';
        readonly lease: Charged;
        readonly answer: { readonly body: { readonly body: Telling } };
      }
    | { readonly kind: 'exhausted' | 'abandoned' },
): UsageWatch | undefined {
  if (verdict.kind !== 'relay' || !verdict.lease.wantsUsage) return undefined;
  return new UsageWatch(verdict.lease, verdict.answer.body.body);
}
