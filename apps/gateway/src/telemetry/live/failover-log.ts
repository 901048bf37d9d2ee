import type { AttemptRecord, Backend, Outcome } from '@spillway/core';

/** Similar failovers in quick succession: of one deployment, between two backends, for one reason. */
export interface FailoverGroup {
  /** The name that the failed backend has for it. */
  readonly deployment: string;
  readonly from: string;
  /** Such as `429`, or `connection refused`. */
  readonly reason: string;
  readonly to: string;
  /** The deployment that was asked for there, if it is a fallback. */
  readonly fallback?: string | undefined;
  readonly count: number;
  /** Ms on the exchanges' clock. */
  readonly firstMs: number;
  readonly lastMs: number;
}

const MAX_GROUPS = 20;
/** A failover within this time of the last one is counted with it. */
const GROUP_MS = 10_000;

/** The newest failovers, with similar ones grouped. */
export class FailoverLog {
  /** The newest last. */
  readonly #groups: { -readonly [Key in keyof FailoverGroup]: FailoverGroup[Key] }[] = [];

  /** The newest first. */
  get newest(): readonly FailoverGroup[] {
    return this.#groups.toReversed();
  }

  /** Records that an attempt was followed by another. */
  note(
    { deployment, backend, outcome }: AttemptRecord,
    { backend: next }: { readonly backend: Backend },
    nowMs: number,
    fallback?: string,
  ): void {
    const reason = describeOutcome(outcome);
    const isAlike = (group: FailoverGroup) =>
      group.deployment === deployment &&
      group.from === backend.name &&
      group.to === next.name &&
      group.fallback === fallback &&
      group.reason === reason &&
      nowMs - group.lastMs <= GROUP_MS;
    const place = this.#groups.findLastIndex(isAlike);
    const [known] = place === -1 ? [] : this.#groups.splice(place, 1);
    const count = (known?.count ?? 0) + 1;
    const firstMs = known?.firstMs ?? nowMs;
    this.#groups.push({
      deployment,
      from: backend.name,
      reason,
      to: next.name,
      fallback,
      count,
      firstMs,
      lastMs: nowMs,
    });
    if (this.#groups.length > MAX_GROUPS) this.#groups.shift();
  }
}

/**
 * Returns an outcome in a word or two, for people. A status that promises success explains no failure: an error, a page
 * or nothing came with it.
 */
export function describeOutcome(outcome: Outcome): string {
  if ('status' in outcome) {
    const isNoAnswer = outcome.kind !== 'succeeded' && outcome.status < 300;
    return isNoAnswer ? `${outcome.status} without an answer` : String(outcome.status);
  }
  return outcome.kind === 'aborted' ? 'aborted' : FAILURES[outcome.failure];
}

const FAILURES: Readonly<Record<Extract<Outcome, { kind: 'unreachable' }>['failure'], string>> = {
  refused: 'connection refused',
  reset: 'connection reset',
  dns: 'name not found',
  tls: 'TLS failed',
  'connect-timeout': 'connecting timed out',
  'header-timeout': 'no answer in time',
  malformed: 'malformed answer',
  'broken-off': 'answers broke off',
  credential: 'no credential',
  'no-descriptors': 'no file descriptors left',
};
