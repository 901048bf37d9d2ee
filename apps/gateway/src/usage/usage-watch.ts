import type { Usage } from '@spillway/core';
import type { AnswerUsage } from '../telemetry/exchange.ts';

/** The lease of a request, whose quota is corrected by what the answer has really taken. */
interface ChargedLease {
  readonly wantsUsage: boolean;
  finish(usage: Usage, nowMs: number): void;
}

/** An answer that may say what it has taken. */
interface TellingAnswer {
  header(name: string): string | undefined;
  readonly body: { readonly body: { keepTail(): { usage(): AnswerUsage | undefined } } };
}

/** Reads what an answer has taken when it is over: once, for its quota and for all others who want it. */
export class UsageWatch {
  readonly #lease: ChargedLease;
  readonly #tail: { usage(): AnswerUsage | undefined };

  constructor(lease: ChargedLease, { body }: TellingAnswer) {
    this.#lease = lease;
    this.#tail = body.body.keepTail();
  }

  /** The answer has ended: corrects the quota, and returns what the answer has taken, if it is whole and says so. */
  end(nowMs: number): AnswerUsage | undefined {
    const usage = this.#tail.usage();
    if (usage !== undefined && this.#lease.wantsUsage) this.#lease.finish(usage, nowMs);
    return usage;
  }
}

/**
 * Watches what an answer says that it has taken. Does nothing where nobody wants to know, or there is nothing to be read.
 *
 * @param isWanted whether anybody but the quota wants to know
 */
export function watchUsage(
  verdict:
    | { readonly kind: 'relay'; readonly lease: ChargedLease; readonly answer: TellingAnswer }
    | { readonly kind: 'exhausted' | 'abandoned' },
  isWanted = false,
): UsageWatch | undefined {
  if (verdict.kind !== 'relay') return undefined;
  const { lease, answer } = verdict;
  return (isWanted || lease.wantsUsage) && canBeRead(answer) ? new UsageWatch(lease, answer) : undefined;
}

/** Files and audio have no usage, and what is packed is not unpacked for it. */
function canBeRead(answer: TellingAnswer): boolean {
  const contentType = answer.header('content-type') ?? '';
  if (!/^(?:application\/json|text\/event-stream)\b/i.test(contentType)) return false;
  return (answer.header('content-encoding') ?? 'identity') === 'identity';
}
