import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from '../../evidence/gateway-probe.ts';

/** The gateway's counts of its clients' usage and of requests to backends. */
export interface GatewayCounts {
  /** Tokens by client, from `/admin/usage` and from the metric. */
  readonly usageTokens: ReadonlyMap<string, number>;
  readonly metricTokens: ReadonlyMap<string, number>;
  /** Requests by client, from both. */
  readonly usageRequests: ReadonlyMap<string, number>;
  readonly metricRequests: ReadonlyMap<string, number>;
  /** Attempts by backend, and by backend and outcome. */
  readonly attempts: ReadonlyMap<string, number>;
  readonly attemptOutcomes: ReadonlyMap<string, number>;
  readonly inFlight: number;
}

interface UsageRow {
  readonly client: string;
  readonly requests: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

const isToken = (line: string) => /kind="(prompt|completion)"/.test(line);

/** Reads all counts at one moment. */
export async function readCounts(adminPort: number): Promise<GatewayCounts> {
  const get = async (path: string) => (await ask(adminPort, path)).body;
  const { rows } = JSON.parse(await get('/admin/usage')) as { readonly rows: readonly UsageRow[] };
  const metrics = await get('/metrics');
  const sum = (name: string, labels: readonly string[], isWanted?: (line: string) => boolean) =>
    sumSeries(metrics, name, labels, isWanted);
  return {
    usageTokens: sumRows(rows, ({ promptTokens, completionTokens }) => promptTokens + completionTokens),
    usageRequests: sumRows(rows, ({ requests }) => requests),
    metricTokens: sum('spillway_client_tokens_total', ['client'], isToken),
    metricRequests: sum('spillway_client_requests_total', ['client']),
    attempts: sum('spillway_attempts_total', ['backend']),
    attemptOutcomes: sum('spillway_attempts_total', ['backend', 'outcome']),
    inFlight: sum('spillway_in_flight_requests', []).get('') ?? Number.NaN,
  };
}

function sumRows(rows: readonly UsageRow[], read: (row: UsageRow) => number): Map<string, number> {
  const sums = new Map<string, number>();
  for (const row of rows) sums.set(row.client, (sums.get(row.client) ?? 0) + read(row));
  return sums;
}

/** Sums the series of a metric by some of their labels. */
function sumSeries(
  metrics: string,
  name: string,
  labels: readonly string[],
  isWanted: (line: string) => boolean = () => true,
): Map<string, number> {
  const sums = new Map<string, number>();
  for (const line of metrics.split('\n')) {
    if (!line.startsWith(`${name}{`) && !line.startsWith(`${name} `)) continue;
    if (!isWanted(line)) continue;
    const key = labels.map((label) => new RegExp(`${label}="([^"]*)"`).exec(line)?.[1]).join(' ');
    sums.set(key, (sums.get(key) ?? 0) + Number(line.slice(line.lastIndexOf(' '))));
  }
  return sums;
}

interface SavedBudgets {
  readonly [client: string]: {
    readonly budgets: readonly {
      readonly deployments: readonly string[] | null;
      readonly month?: { readonly used: number };
    }[];
  };
}

/** Reads the clients' usage of the month as last written; empty while it is being written. */
export function readMonths(stateFolder: string): ReadonlyMap<string, number> {
  const file = join(stateFolder, 'budgets.json');
  if (!existsSync(file)) return new Map();
  const [, json = '{}'] = readFileSync(file, 'utf8').split('\n');
  return new Map(
    Object.entries(JSON.parse(json) as SavedBudgets).map(([client, { budgets }]) => [
      client,
      budgets.find(({ deployments }) => deployments === null)?.month?.used ?? Number.NaN,
    ]),
  );
}
