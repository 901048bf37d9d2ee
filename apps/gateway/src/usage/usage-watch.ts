import type { Usage } from '@spillway/core';
import type { AnswerUsage } from '../telemetry/exchange.ts';
import type { AnswerKind } from './read-usage.ts';

/** The lease of a request, whose quota is corrected by what the answer has really taken. */
interface ChargedLease {
  readonly wantsUsage: boolean;
  finish(usage: Usage, nowMs: number): void;
}

/** An answer that may say what it has taken. */
interface TellingAnswer {
  header(name: string): string | undefined;
  readonly body: { readonly body: { keepTail(kind: AnswerKind): { usage(): AnswerUsage | undefined } } };
}

/** Reads what an answer has taken when it is over: once, for its quota and for all others who want it. */
export class UsageWatch {
  readonly #lease: ChargedLease;
  readonly #tail: { usage(): AnswerUsage | undefined };

  constructor(lease: ChargedLease, { body }: TellingAnswer, kind: AnswerKind) {
    this.#lease = lease;
    this.#tail = body.body.keepTail(kind);
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
  const kind = isWanted || lease.wantsUsage ? kindOf(answer) : undefined;
  return kind && new UsageWatch(lease, answer, kind);
}

/** Returns what can be read of an answer: files and audio have no usage, and what is packed is not unpacked for it. */
function kindOf(answer: TellingAnswer): AnswerKind | undefined {
  if ((answer.header('content-encoding') ?? 'identity') !== 'identity') return undefined;
  const contentType = answer.header('content-type') ?? '';
  if (/^application\/json\b/i.test(contentType)) return 'json';
  return /^text\/event-stream\b/i.test(contentType) ? 'events' : undefined;
}
