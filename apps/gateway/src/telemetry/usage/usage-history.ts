import type { Exchange, Sink } from '../exchange.ts';
import type { DeploymentNames } from '../metrics/deployment-names.ts';
import { UsageDay, type UsageRow } from './usage-day.ts';

const DAY_MS = 86_400_000;
/** Thirteen months, so that a whole month can be compared with the same month a year before. */
const MAX_DAYS = 400;
/** The backend of requests that none has served. */
const NOBODY = 'none';

/** The rows of the day found so far, by client, deployment and backend. */
type FoundRows = Map<string, Map<string, Map<string, UsageRow>>>;

/**
 * Counts finished requests by day, client, deployment and backend, for billing. Clients and backends that are removed
 * from the configuration stay in it. Each row is found once and kept, like series of metrics.
 */
export class UsageHistory implements Sink {
  readonly #names: DeploymentNames;
  readonly #wallMs: () => number;
  /** By date. */
  readonly #days = new Map<string, UsageDay>();
  #dayNumber = Number.NaN;
  #day = new UsageDay('');
  #found: FoundRows = new Map();

  /** @param wallMs the wall clock, in milliseconds since 1970 */
  constructor(names: DeploymentNames, wallMs: () => number) {
    this.#names = names;
    this.#wallMs = wallMs;
  }

  /** All remembered days, the oldest first. */
  get days(): readonly UsageDay[] {
    return [...this.#days.values()].sort((a, b) => (a.date < b.date ? -1 : 1));
  }

  record(exchange: Exchange): void {
    const dayNumber = Math.floor(this.#wallMs() / DAY_MS);
    if (dayNumber !== this.#dayNumber) this.#begin(dayNumber);
    const { client = '', deployment = '', served, usage, metered } = exchange;
    const backend = served?.backend.name ?? NOBODY;
    this.#rowOf(exchange, client, deployment, backend).note(exchange);
    if (metered?.told !== undefined && usage !== undefined) {
      const { client: creator = '', deployment: asked } = metered.told;
      this.#rowOf(exchange, creator, asked, backend).noteTokens(usage);
    }
    this.#day.changes++;
  }

  /** Returns a day, which is created if it is not remembered. */
  dayOf(date: string): UsageDay {
    const known = this.#days.get(date);
    if (known !== undefined) return known;
    const day = new UsageDay(date);
    this.#days.set(date, day);
    if (this.#days.size > MAX_DAYS) this.#days.delete(this.days[0]?.date ?? '');
    return day;
  }

  #begin(dayNumber: number): void {
    this.#dayNumber = dayNumber;
    this.#day = this.dayOf(dateOf(dayNumber * DAY_MS));
    this.#found = new Map();
  }

  #rowOf(exchange: Exchange, client: string, deployment: string, backend: string): UsageRow {
    const known = this.#found.get(client)?.get(deployment)?.get(backend);
    return known ?? this.#find(exchange, client, deployment, backend);
  }

  #find({ served }: Exchange, client: string, deployment: string, backend: string): UsageRow {
    const isServed = served?.outcome.kind === 'succeeded' && served.deployment === deployment;
    const label = this.#names.labelOf(deployment, isServed);
    const row = this.#day.rowOf(client, label, backend);
    // Clients may make up any number of names, which all share one label.
    if (row !== this.#day.dropped && (label === deployment || deployment === ''))
      below(below(this.#found, client), deployment).set(backend, row);
    return row;
  }
}

/** Returns the date of a moment, in UTC. */
export function dateOf(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(0, 10);
}

function below<Inner extends Map<string, unknown>>(map: Map<string, Inner>, key: string): Inner {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = new Map() as Inner;
  map.set(key, made);
  return made;
}
