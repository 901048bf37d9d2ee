import type { FailureRow, RowClient } from './failure-row.ts';

/** Returns the row of a request that the gateway answers itself. */
export function refused(what: string, client: RowClient, sees: string): FailureRow {
  const logged = `${sees.slice(0, 3)} complete`;
  return {
    title: `the client sends ${what}`,
    backends: ['ok', 'ok'],
    client,
    sees,
    cooldowns: 'nobody',
    logged,
  };
}
