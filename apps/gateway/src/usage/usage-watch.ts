import type { Usage } from '@spillway/core';
import type { AnswerUsage } from '../telemetry/exchange.ts';
import type { AnswerKind } from './read-usage.ts';

/** The lease of a request, whose charge is corrected to the answer's actual usage. */
interface ChargedLease {
  readonly wantsUsage: boolean;
  finish(usage: Usage, nowMs: number): void;
}

/** An answer that may report its usage. */
interface TellingAnswer {
  header(name: string): string | undefined;
  readonly body: { readonly body: { keepTail(kind: AnswerKind): { usage(): AnswerUsage | undefined } } };
}

/** Reads the usage of a finished answer: once, for its quota and for everyone else who needs it. */
export class UsageWatch {
  readonly #lease: ChargedLease;
  readonly #tail: { usage(): AnswerUsage | undefined };

  constructor(lease: ChargedLease, { body }: TellingAnswer, kind: AnswerKind) {
    this.#lease = lease;
    this.#tail = body.body.keepTail(kind);
  }

  /** Ends the answer: corrects the quota, and returns the answer's usage, if it is complete and reports one. */
  end(nowMs: number): AnswerUsage | undefined {
    const usage = this.#tail.usage();
    if (usage !== undefined && this.#lease.wantsUsage) this.#lease.finish(usage, nowMs);
    return usage;
  }
}

/**
 * Watches an answer for its usage. Does nothing where nobody needs it, or there is nothing to read.
 *
 * @param isWanted whether anybody but the quota needs it
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

/**
 * Returns the readable kind of an answer: files and audio have no usage, and packed answers are not unpacked for it.
 */
function kindOf(answer: TellingAnswer): AnswerKind | undefined {
  if ((answer.header('content-encoding') ?? 'identity') !== 'identity') return undefined;
  const contentType = answer.header('content-type') ?? '';
  if (/^application\/json\b/i.test(contentType)) return 'json';
  return /^text\/event-stream\b/i.test(contentType) ? 'events' : undefined;
}
