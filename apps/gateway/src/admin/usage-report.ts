import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as breathe } from 'node:timers/promises';
import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import type { UsageDay, UsageRow } from '../telemetry/usage/usage-day.ts';
import type { UsageHistory } from '../telemetry/usage/usage-history.ts';
import type { UsageQuery } from './usage-query.ts';

const usageRow = z.strictObject({
  day: z.iso.date().describe('In UTC.'),
  client: z.string().describe('Empty where clients are not told apart.'),
  deployment: z
    .string()
    .describe('As clients call it; `other` for names that no backend has, `none` for requests without one.'),
  backend: z.string().describe('That served it; `none` if none did.'),
  requests: z.int().describe('Requests and sessions that are over.'),
  failures: z
    .int()
    .describe('Of these, those answered with 400 or more, and those whose answer was broken off.'),
  requestsWithoutUsage: z.int().describe('Of these, those that were served without reporting their tokens.'),
  promptTokens: z.number(),
  completionTokens: z.number(),
  cachedTokens: z.number().describe('Part of the prompts.'),
  reasoningTokens: z.number().describe('Part of the completions.'),
});

/** The usage of some days. */
export const usagePage = z.strictObject({
  from: z.iso.date(),
  to: z.iso.date(),
  rows: z.array(usageRow),
  dropped: z
    .strictObject({ requests: z.int(), promptTokens: z.number(), completionTokens: z.number() })
    .describe('Usage in no row, as a day had too many; of all clients.'),
});

/** Sends the usage of some days as JSON, day by day: it may be long, and other requests must not wait for it. */
export function sendUsage(history: UsageHistory, query: UsageQuery, response: ServerResponse): void {
  send(response, jsonOf(daysIn(history, query), query), { 'content-type': 'application/json' });
}

/** Sends the usage of some days as a table. */
export function sendUsageCsv(history: UsageHistory, query: UsageQuery, response: ServerResponse): void {
  const name = `spillway-usage-${query.from}-${query.to}.csv`;
  send(response, csvOf(daysIn(history, query), query), {
    'content-type': 'text/csv; charset=utf-8; header=present',
    'content-disposition': `attachment; filename="${name}"`,
  });
}

function daysIn({ days }: UsageHistory, { from, to }: UsageQuery): readonly UsageDay[] {
  return days.filter(({ date }) => date >= from && date <= to);
}

function send(response: ServerResponse, parts: AsyncIterable<string>, headers: Record<string, string>): void {
  response.writeHead(200, { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', ...headers });
  // The client may leave. Any other failure shows as a response that does not end.
  pipeline(Readable.from(parts), response).catch(() => response.destroy());
}

async function* jsonOf(days: readonly UsageDay[], { from, to, client }: UsageQuery): AsyncIterable<string> {
  const dropped = { requests: 0, promptTokens: 0, completionTokens: 0 };
  yield `{"from":"${from}","to":"${to}","rows":[`;
  let separator = '';
  for (const day of days) {
    const rows = rowsOf(day, client).map((row) => JSON.stringify(row));
    if (rows.length > 0) yield separator + rows.join(',');
    if (rows.length > 0) separator = ',';
    dropped.requests += day.dropped.requests;
    dropped.promptTokens += day.dropped.promptTokens;
    dropped.completionTokens += day.dropped.completionTokens;
    await breathe();
  }
  yield `],"dropped":${JSON.stringify(dropped)}}\n`;
}

const COLUMNS = {
  day: 'day',
  client: 'client',
  deployment: 'deployment',
  backend: 'backend',
  requests: 'requests',
  failures: 'failures',
  requestsWithoutUsage: 'requests_without_usage',
  promptTokens: 'prompt_tokens',
  completionTokens: 'completion_tokens',
  cachedTokens: 'cached_tokens',
  reasoningTokens: 'reasoning_tokens',
} as const satisfies Record<keyof z.output<typeof usageRow>, string>;

async function* csvOf(days: readonly UsageDay[], { client }: UsageQuery): AsyncIterable<string> {
  yield rowsToCsv([], true);
  for (const day of days) {
    yield rowsToCsv(rowsOf(day, client), false);
    await breathe();
  }
}

function rowsToCsv(rows: readonly z.output<typeof usageRow>[], isFirst: boolean): string {
  return stringify([...rows], {
    columns: { ...COLUMNS },
    header: isFirst,
    record_delimiter: 'windows',
    escape_formulas: true,
    cast: { string: (text) => text.replace(ENDS_OF_CELLS, '_') },
  });
}

/** Characters at which some programs end a cell, even within quotes; a formula might begin behind one. */
const ENDS_OF_CELLS = /[;\p{Cc}]/gu;

/** Returns the rows of a day for display, in an order that does not depend on which request came first. */
function rowsOf(day: UsageDay, client: string | undefined): z.output<typeof usageRow>[] {
  return [...day.rows]
    .filter((row) => client === undefined || row.client === client)
    .sort(byNames)
    .map(({ client, deployment, backend, requests, failures, untold, ...tokens }) => ({
      day: day.date,
      client,
      deployment,
      backend,
      requests,
      failures,
      requestsWithoutUsage: untold,
      ...tokens,
    }));
}

function byNames(a: UsageRow, b: UsageRow): number {
  return compare(a.client, b.client) || compare(a.deployment, b.deployment) || compare(a.backend, b.backend);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
