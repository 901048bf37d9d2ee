import { mapOf, text } from './fields.ts';

/** The state that outlives a restart. */
export const state = mapOf({
  path: text().describe(
    'A folder that outlives the process, created if missing. It holds the [usage of clients](usage.md), their budgets’ ' +
      'counters of the day and the month, and which backend has which stored object, written every two seconds. One process ' +
      'writes it; another with the same folder reads it, and takes over when the first is gone.',
  ),
}).describe('The state kept in files. Default: none, and a restart begins with nothing.');
