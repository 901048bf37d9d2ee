import type { Config } from '../config/schema.ts';
import type { EmbeddedOwners } from '../ownership/owner-store.ts';
import type { Log } from '../telemetry/log.ts';
import type { UsageHistory } from '../telemetry/usage/usage-history.ts';
import { ObjectJournal } from './object-journal.ts';
import { PartKeeper } from './part-keeper.ts';
import { StateFolder } from './state-folder.ts';
import type { StatePart } from './state-part.ts';
import { UsageKeeper } from './usage-keeper.ts';

/** All state that outlives a restart. */
export interface KeptParts {
  readonly usage: UsageHistory | undefined;
  readonly owners: EmbeddedOwners;
  /** The other counters, each in a file of its own. */
  readonly parts: readonly StatePart[];
}

/** State that is saved until the process stops. */
export type KeptState = Pick<StateFolder, 'stop' | 'isKept'>;

/** Reads the saved state, if that is configured, and saves it from now on. */
export async function startState(
  { state }: Pick<Config, 'state'>,
  { usage, owners, parts }: KeptParts,
  log: Log,
  nowMs: () => number,
): Promise<KeptState | undefined> {
  if (state === undefined) return undefined;
  const { path } = state;
  const keepers = [
    ...parts.map((part) => new PartKeeper(path, part, log)),
    ...(usage === undefined ? [] : [new UsageKeeper(path, usage, log)]),
    new ObjectJournal(path, owners, log),
  ];
  const folder = new StateFolder(path, keepers, log, nowMs);
  await folder.start();
  return folder;
}
