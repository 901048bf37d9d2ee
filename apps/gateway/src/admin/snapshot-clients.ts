import type { BudgetReport } from '@spillway/core';
import type { Client } from '../client/client.ts';
import type { ClientTraffic } from '../telemetry/live/client-traffic.ts';
import { shorten } from './shorten.ts';
import type { ClientLimit, ClientSnapshot, StateSnapshot } from './snapshot.ts';
import { rounded } from './rounded.ts';

const MAX_CLIENTS = 50;
const MAX_LIMITS = 6;
const MAX_DEPLOYMENTS = 3;
const LARGE_SHARE = 0.5;

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

/**
 * Returns the clients whose budgets are the fullest or that take the largest shares of the tokens, the number of the
 * others, and the client that takes most of the tokens, if there is one.
 */
export function snapshotClients(
  clients: readonly Pick<Client, 'name' | 'budgets'>[],
  traffic: ClientTraffic,
  { nowMs, wallMs }: Moment,
): Pick<StateSnapshot, 'clients' | 'clientsLeftOut' | 'largestClient'> {
  if (clients.length === 0) return {};
  const found = clients.map(({ name, budgets }) => ({
    name,
    inFlight: budgets?.outstanding,
    rates: traffic.ratesOf(name, nowMs),
    limits: limitsOf(budgets?.report(nowMs, wallMs) ?? []),
  }));
  const tokens = found.reduce((sum, { rates: { tokensPerMinute = 0 } }) => sum + tokensPerMinute, 0);
  const shareOf = ({ rates: { tokensPerMinute = 0 } }: (typeof found)[number]) =>
    tokensPerMinute / (tokens || 1);
  const largest = found.find((client) => shareOf(client) > LARGE_SHARE);
  // A client without a budget has no other sign than its share that it leaves nothing to others.
  const rankOf = (client: (typeof found)[number]) => Math.max(fullest(client.limits), shareOf(client));
  found.sort(
    (a, b) =>
      rankOf(b) - rankOf(a) ||
      b.rates.requestsPerMinute - a.rates.requestsPerMinute ||
      (a.name < b.name ? -1 : 1),
  );
  return {
    clients: found.slice(0, MAX_CLIENTS).map(({ name, inFlight, rates, limits }): ClientSnapshot => ({
      name,
      inFlight,
      rpm: rates.requestsPerMinute,
      tpm: rates.tokensPerMinute,
      refused: rates.refusedPerMinute,
      overBudget: rates.overBudgetPerMinute,
      limits: limits.slice(0, MAX_LIMITS).map(snapshotLimit),
      limitsLeftOut: beyond(limits.length, MAX_LIMITS),
    })),
    clientsLeftOut: beyond(found.length, MAX_CLIENTS),
    largestClient:
      largest && found.length > 1 ? { name: largest.name, share: rounded(shareOf(largest), 100) } : undefined,
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
