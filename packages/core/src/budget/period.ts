/** A day or a month, UTC. */
export interface Period {
  /** `YYYY-MM-DD` or `YYYY-MM`; a later period's is greater. */
  readonly id: string;
  readonly startMs: number;
  /** When the next one begins, epoch ms. */
  readonly endMs: number;
}

export type PeriodOf = (wallMs: number) => Period;

export const DAY_MS = 86_400_000;

export function dayOf(wallMs: number): Period {
  const startMs = Math.floor(wallMs / DAY_MS) * DAY_MS;
  return { id: new Date(startMs).toISOString().slice(0, 10), startMs, endMs: startMs + DAY_MS };
}

export function monthOf(wallMs: number): Period {
  const date = new Date(wallMs);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  const startMs = Date.UTC(year, month);
  return { id: new Date(startMs).toISOString().slice(0, 7), startMs, endMs: Date.UTC(year, month + 1) };
}

/** Returns the period with this id, or undefined if the id is invalid. */
export function periodNamed(id: string, periodOf: PeriodOf): Period | undefined {
  const startMs = Date.parse(id);
  if (Number.isNaN(startMs)) return undefined;
  const period = periodOf(startMs);
  return period.id === id ? period : undefined;
}
