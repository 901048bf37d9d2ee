import { isCountable } from '@spillway/core';
import { z } from 'zod';
import type { AnswerUsage, Exchange } from '../exchange.ts';

/**
 * Far more than the combinations of client, deployment and backend on one day; the history of 13 months stays below 100
 * MB.
 */
const MAX_ROWS = 2000;

/** All counts, in the order of the file. */
export const COUNTS = [
  'requests',
  'failures',
  'untold',
  'promptTokens',
  'completionTokens',
  'cachedTokens',
  'reasoningTokens',
] as const;

/** One client's usage of one deployment at one backend, or at none, on one day. */
export class UsageRow {
  readonly client: string;
  readonly deployment: string;
  readonly backend: string;
  requests = 0;
  /** The requests answered with 400 or more, and those whose answer was broken off. */
  failures = 0;
  /** The served requests whose answer did not report its tokens. */
  untold = 0;
  promptTokens = 0;
  completionTokens = 0;
  /** Part of the prompts. */
  cachedTokens = 0;
  /** Part of the completions. */
  reasoningTokens = 0;

  constructor(client: string, deployment: string, backend: string) {
    this.client = client;
    this.deployment = deployment;
    this.backend = backend;
  }

  note({ clientStatus, isBrokenOff, served, usage, deployment, metered }: Exchange): void {
    this.requests++;
    if (clientStatus >= 400 || isBrokenOff) this.failures++;
    if (metered?.told !== undefined) return;
    if (usage !== undefined) this.noteTokens(usage);
    else if (served?.outcome.kind === 'succeeded' && deployment) this.untold++;
  }

  noteTokens(usage: AnswerUsage): void {
    this.promptTokens += countable(usage.promptTokens);
    this.completionTokens += countable(usage.outputTokens);
    this.cachedTokens += countable(usage.cachedTokens);
    this.reasoningTokens += countable(usage.reasoningTokens);
  }
}

function countable(tokens: number): number {
  return isCountable(tokens) ? tokens : 0;
}

const count = z.number().min(0);
const counts = z.array(count).length(COUNTS.length);
const savedDay = z.strictObject({
  rows: z.array(z.tuple([z.string(), z.string(), z.string(), counts])),
  dropped: counts,
});

/** A day as saved in a file: the names and the counts of each row. */
export type SavedDay = z.output<typeof savedDay>;

/** The usage of one day. */
export class UsageDay {
  /** Such as `2026-11-30`, in UTC. */
  readonly date: string;
  /** The usage that no row was left for. */
  readonly dropped = new UsageRow('', '', '');
  /** Grows with every change. */
  changes = 0;
  readonly #rows = new Map<string, UsageRow>();

  constructor(date: string) {
    this.date = date;
  }

  get rows(): Iterable<UsageRow> {
    return this.#rows.values();
  }

  /** Returns the row of these names; `dropped` if there is none, and no room for another. */
  rowOf(client: string, deployment: string, backend: string): UsageRow {
    const key = keyOf(client, deployment, backend);
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    if (this.#rows.size >= MAX_ROWS) return this.dropped;
    const row = new UsageRow(client, deployment, backend);
    this.#rows.set(key, row);
    return row;
  }

  save(): SavedDay {
    return {
      rows: [...this.rows].map((row) => [row.client, row.deployment, row.backend, countsOf(row)]),
      dropped: countsOf(this.dropped),
    };
  }

  /**
   * Adds the counts from before this process began, or of another one.
   *
   * @param before the part of it that has been added already
   * @throws if it is no saved day; nothing has been added then
   */
  restore(value: unknown, before: unknown): void {
    const { rows, dropped } = savedDay.parse(value);
    const earlier = before === undefined ? undefined : savedDay.parse(before);
    const known = new Map(
      earlier?.rows.map(([client, deployment, backend, counts]) => [
        keyOf(client, deployment, backend),
        counts,
      ]),
    );
    for (const [client, deployment, backend, counts] of rows)
      add(this.rowOf(client, deployment, backend), counts, known.get(keyOf(client, deployment, backend)));
    add(this.dropped, dropped, earlier?.dropped);
    this.changes++;
  }
}

/** Names of clients and backends have no spaces. */
function keyOf(client: string, deployment: string, backend: string): string {
  return `${client} ${backend} ${deployment}`;
}

function countsOf(row: UsageRow): number[] {
  return COUNTS.map((name) => row[name]);
}

function add(row: UsageRow, counts: readonly number[], before: readonly number[] | undefined): void {
  for (const [place, name] of COUNTS.entries())
    row[name] += Math.max(0, (counts[place] ?? 0) - (before?.[place] ?? 0));
}
