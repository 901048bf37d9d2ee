import { mapOf, text } from './fields.ts';

/** The state that outlives a restart. */
export const state = mapOf({
  path: text().describe(
    'A folder that outlives the process, made if it is not there: in it are the [usage of clients](usage.md), their budgets’ ' +
      'counters of the day and the month, and which backend has which stored object, written every two seconds. One process ' +
      'writes it; another one with the same folder reads it, and takes over when the first is gone.',
  ),
}).describe('What is kept in files. Default: nothing is, and a restart begins from nothing.');
