import type { Config } from './config/schema.ts';
import { EmbeddedOwners } from './ownership/owner-store.ts';
import type { ProcessParts } from './proxy/runtime.ts';
import { BudgetsPart } from './state/budgets-part.ts';
import { type KeptState, startState } from './state/start-state.ts';
import type { UsageHistory } from './telemetry/usage/usage-history.ts';

/** Restores the state that outlives a restart, where that is configured, as it was last saved. */
export async function restoreState(
  config: Config,
  usage: UsageHistory | undefined,
  { clientMemory, log, nowMs }: Pick<ProcessParts, 'clientMemory' | 'log' | 'nowMs'>,
) {
  const parts = [new BudgetsPart(clientMemory.budgets)];
  const owners = new EmbeddedOwners(config.ownership, nowMs);
  const state = await startState(config, { usage, owners, parts }, log, nowMs);
  return { owners, state };
}

/** Releases the state for other processes at once if this process cannot start. */
export async function orStop<T>(state: KeptState | undefined, starting: Promise<T>): Promise<T> {
  return starting.catch(async (error: unknown) => {
    await state?.stop();
    throw error;
  });
}
