import type { Exchange, Sink } from './exchange.ts';

/** Counts the requests that were refused before any backend was asked, by the client's status. */
export class RefusalCounts implements Sink {
  readonly byStatus: Record<number, number> = {};

  record({ status, attempts, ending }: Exchange): void {
    const isRefused = status >= 400 && attempts.length === 0 && ending !== 'abandoned';
    if (isRefused) this.byStatus[status] = (this.byStatus[status] ?? 0) + 1;
  }
}
