import type { IncomingMessage, ServerResponse } from 'node:http';
import { AdminError } from './admin-error.ts';

const MAX_VIEWERS = 50;
/** A viewer that takes nothing for this many snapshots is gone. */
const MAX_MISSED = 30;

interface Viewer {
  readonly response: ServerResponse;
  readonly isAllowed: () => boolean;
  missed: number;
}

/**
 * Sends snapshots to all viewers, as server-sent events. Each is built once for all of them. One a second also keeps
 * connections alive, so nothing else is sent for that.
 */
export class EventStream {
  readonly #viewers = new Set<Viewer>();
  #lastId = 0;

  get isWatched(): boolean {
    return this.#viewers.size > 0;
  }

  /**
   * Adds a viewer, and sends it a first snapshot at once.
   *
   * @param isAllowed whether it still may watch: a session may end before the stream does
   * @throws AdminError 503 if there are too many
   */
  add(request: IncomingMessage, response: ServerResponse, first: unknown, isAllowed: () => boolean): void {
    if (this.#viewers.size >= MAX_VIEWERS)
      throw new AdminError(503, `${MAX_VIEWERS} viewers watch already.`, { 'retry-after': '10' });
    request.socket.setNoDelay(true);
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      // nginx would otherwise hold events back until its buffer is full.
      'x-accel-buffering': 'no',
    });
    if (request.method === 'HEAD') return void response.end();
    const viewer = { response, isAllowed, missed: 0 };
    this.#viewers.add(viewer);
    response.on('close', () => this.#viewers.delete(viewer));
    // The viewer may leave during a write.
    response.on('error', () => {});
    response.write(`retry: 2000\n\n${this.#eventOf(first)}`);
  }

  /** Sends a snapshot to all viewers. A slow viewer misses it; the stream of a viewer whose session is over ends. */
  send(snapshot: unknown): void {
    const event = this.#eventOf(snapshot);
    for (const viewer of this.#viewers) {
      const { response } = viewer;
      if (!viewer.isAllowed()) {
        // The end would wait behind what a stalled viewer never takes.
        if (response.writableNeedDrain) response.destroy();
        else response.end();
      } else if (!response.writableNeedDrain) {
        viewer.missed = 0;
        response.write(event);
      } else if (++viewer.missed > MAX_MISSED) {
        response.destroy();
      }
    }
  }

  /** Ends the stream of every viewer. */
  end(): void {
    for (const { response } of this.#viewers) response.end();
  }

  #eventOf(snapshot: unknown): string {
    return `event: snapshot\nid: ${++this.#lastId}\ndata: ${JSON.stringify(snapshot)}\n\n`;
  }
}
