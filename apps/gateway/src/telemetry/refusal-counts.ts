import type { Exchange } from './exchange.ts';

/** How many requests were refused before any backend was asked, by the status that the client saw. */
export class RefusalCounts {
  readonly byStatus: Record<number, number> = {};

  note({ status, attempts, ending }: Exchange): void {
    const isRefused = status >= 400 && attempts.length === 0 && ending !== 'abandoned';
    if (isRefused) this.byStatus[status] = (this.byStatus[status] ?? 0) + 1;
  }
}
