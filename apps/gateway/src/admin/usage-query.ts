import { z } from 'zod';
import { searchOf } from '../route/clean-path.ts';
import { dateOf } from '../telemetry/usage/usage-history.ts';
import { AdminError } from './admin-error.ts';

/** The parameters of a usage query. */
export const usageQuery = {
  from: z.iso.date().describe('The first day, in UTC. Default: the first of the month of `to`.'),
  to: z.iso
    .date()
    .describe('The last day, in UTC. Default: today, or the last of the month of `from` if that is over.'),
  client: z.string().describe('Of this client only. Default: of all.'),
};

/** A query for usage. */
export interface UsageQuery {
  /** The first and the last day, such as `2026-11-30`. */
  readonly from: string;
  readonly to: string;
  /** The only client to report; undefined for all. */
  readonly client: string | undefined;
}

/**
 * Reads the query of a path. Empty parameters count as left out, as forms send them.
 *
 * @param wallMs the time of the request
 * @throws AdminError 400 that names the parameter and what is allowed
 */
export function readUsageQuery(path = '', wallMs: number): UsageQuery {
  const query = new URLSearchParams(searchOf(path));
  const names = Object.keys(usageQuery);
  // A misspelt name would silently give a wrong bill.
  for (const name of query.keys()) {
    if (!names.includes(name))
      throw new AdminError(400, `There is no parameter ${shown(name)}; there are ${names.join(', ')}.`);
    if (query.getAll(name).length > 1) throw new AdminError(400, `${name} is there more than once.`);
  }
  const today = dateOf(wallMs);
  const givenFrom = dateIn(query, 'from');
  const to = dateIn(query, 'to') ?? lastDayAfter(givenFrom ?? today, today);
  const from = givenFrom ?? `${to.slice(0, 7)}-01`;
  if (from > to) throw new AdminError(400, `from is ${from}, which is after to, ${to}.`);
  return { from, to, client: query.get('client') || undefined };
}

function dateIn(query: URLSearchParams, name: 'from' | 'to'): string | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!usageQuery[name].safeParse(text).success)
    throw new AdminError(400, `${name} is ${shown(text)}; allowed is a day in UTC such as 2026-11-30.`);
  return text;
}

/** Returns today, or the last day of the month of another day if that comes first. */
function lastDayAfter(day: string, today: string): string {
  const [year = 0, month = 0] = day.split('-').map(Number);
  // Day 0 of the next month.
  const end = dateOf(Date.UTC(year, month, 0));
  return end < today || day > today ? end : today;
}

function shown(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
