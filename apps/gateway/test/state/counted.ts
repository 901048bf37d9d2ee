import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { onTestFinished } from 'vitest';
import { EmbeddedOwners } from '../../src/ownership/owner-store.ts';
import { ObjectJournal } from '../../src/state/object-journal.ts';
import { PartKeeper } from '../../src/state/part-keeper.ts';
import { StateFolder } from '../../src/state/state-folder.ts';
import type { StatePart } from '../../src/state/state-part.ts';
import { UsageKeeper } from '../../src/state/usage-keeper.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { DeploymentNames } from '../../src/telemetry/metrics/deployment-names.ts';
import { UsageHistory } from '../../src/telemetry/usage/usage-history.ts';
import { LogLines } from '../testing/log-lines.ts';

type Counts = Readonly<Record<string, number>>;

/** A part that counts by name. */
export class Counted implements StatePart {
  readonly name = 'budgets';
  counts: Counts;

  constructor(counts: Counts = {}) {
    this.counts = counts;
  }

  add(name: string, amount: number): void {
    this.counts = { ...this.counts, [name]: (this.counts[name] ?? 0) + amount };
  }

  save(): unknown {
    return this.counts;
  }

  restore(value: unknown, before: unknown): void {
    if (typeof value !== 'object' || value === null) throw new Error('no counts');
    for (const [name, count] of Object.entries(value as Counts))
      this.add(name, count - ((before as Counts | undefined)?.[name] ?? 0));
  }
}

/** A folder that exists until the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-state-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Saves a part in a folder, along with a history of usage and owners. */
export function startFolder(path: string, part: StatePart, owners = createOwners()) {
  const log = new LogLines();
  const logger = createLog('info', log);
  const history = new UsageHistory(new DeploymentNames([]), Date.now);
  const keepers = [
    new PartKeeper(path, part, logger),
    new UsageKeeper(path, history, logger),
    new ObjectJournal(path, owners, logger),
  ];
  const folder = new StateFolder(path, keepers, logger, () => performance.now());
  let ending: Promise<void> | undefined;
  const stop = () => (ending ??= folder.stop());
  onTestFinished(stop);
  return { log, history, owners, started: folder.start(), stop };
}

export function createOwners(maxEntries = 1000, ttlMs = 1e9): EmbeddedOwners {
  return new EmbeddedOwners({ maxEntries, ttlMs }, () => performance.now());
}

/** Stops it as soon as it has read the saved state. */
export async function stopped<Running extends { readonly started: Promise<void>; stop(): Promise<void> }>(
  running: Running,
): Promise<Running> {
  await running.started;
  await running.stop();
  return running;
}
