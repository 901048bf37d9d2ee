import type { BudgetReport } from '@spillway/core';
import type { Client } from '../client/client.ts';
import type { ClientTraffic } from '../telemetry/live/client-traffic.ts';
import { shorten } from './shorten.ts';
import type { ClientLimit, ClientSnapshot, StateSnapshot } from './snapshot.ts';

const MAX_CLIENTS = 50;
const MAX_LIMITS = 6;
const MAX_DEPLOYMENTS = 3;

type LimitReport = BudgetReport['limits'][number];

/** A limit, and the budget that it belongs to. */
interface Found {
  readonly limit: LimitReport;
  readonly deployments: BudgetReport['deployments'];
}

/** The same moment on the clock of budgets and on the wall clock. */
interface Moment {
  readonly nowMs: number;
  readonly wallMs: number;
}

/** Returns the clients whose budgets are the fullest, and the number of the others. */
export function snapshotClients(
  clients: readonly Pick<Client, 'name' | 'budgets'>[],
  traffic: ClientTraffic,
  { nowMs, wallMs }: Moment,
): Pick<StateSnapshot, 'clients' | 'clientsLeftOut'> {
  if (clients.length === 0) return {};
  const found = clients.map(({ name, budgets }) => ({
    name,
    inFlight: budgets?.outstanding,
    rates: traffic.ratesOf(name, nowMs),
    limits: limitsOf(budgets?.report(nowMs, wallMs) ?? []),
  }));
  found.sort(
    (a, b) =>
      fullest(b.limits) - fullest(a.limits) ||
      b.rates.requestsPerMinute - a.rates.requestsPerMinute ||
      (a.name < b.name ? -1 : 1),
  );
  return {
    clients: found.slice(0, MAX_CLIENTS).map(({ name, inFlight, rates, limits }): ClientSnapshot => ({
      name,
      inFlight,
      rpm: rates.requestsPerMinute,
      refused: rates.refusedPerMinute,
      overBudget: rates.overBudgetPerMinute,
      limits: limits.slice(0, MAX_LIMITS).map(snapshotLimit),
      limitsLeftOut: beyond(limits.length, MAX_LIMITS),
    })),
    clientsLeftOut: beyond(found.length, MAX_CLIENTS),
  };
}

/** The fullest first. */
function limitsOf(reports: readonly BudgetReport[]): Found[] {
  return reports
    .flatMap(({ deployments, limits }) => limits.map((limit) => ({ deployments, limit })))
    .sort((a, b) => b.limit.share - a.limit.share);
}

function fullest([first]: readonly Found[]): number {
  return first?.limit.share ?? 0;
}

function snapshotLimit({ deployments, limit: { limit, limitValue, used, resetMs } }: Found): ClientLimit {
  return {
    limit,
    deployments: deployments?.slice(0, MAX_DEPLOYMENTS).map(shorten),
    deploymentsLeftOut: beyond(deployments?.length ?? 0, MAX_DEPLOYMENTS),
    limitValue,
    used: Math.max(0, Math.ceil(used)),
    resetInMs: resetMs === undefined ? undefined : Math.max(0, Math.ceil(resetMs)),
  };
}

function beyond(count: number, shown: number): number | undefined {
  return count > shown ? count - shown : undefined;
}
