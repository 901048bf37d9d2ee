import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { makeSnapshot } from '../../../../dashboard/src/testing/make-snapshot.ts';
import type { StateSnapshot } from '../../../src/admin/snapshot.ts';
import { servePage } from '../../../src/admin/page.ts';
import { freePort } from '../../testing/free-port.ts';

/** An operators' listener with the answers of a test. */
export class FakeAdmin {
  /** The page's actions, such as `drain {"backend":"eastus"}`. */
  readonly actions: string[] = [];
  token: string | undefined;
  /** What follows the value of its cookie. */
  cookieEnd = '; HttpOnly; SameSite=Lax';
  /** Why it refuses whatever would change something, such as pages of another origin. */
  refusal: string | undefined;
  isCrowded = false;
  /** The answer of `/admin/config`. */
  config: object = {};
  snapshot: StateSnapshot = makeSnapshot();
  url = '';
  readonly #viewers = new Set<ServerResponse>();
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  #timer: NodeJS.Timeout | undefined;
  #isHolding = false;
  #isHanging = false;

  async start(at?: number): Promise<this> {
    const port = at ?? (await freePort());
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.url = `http://127.0.0.1:${port}/`;
    // Like the gateway: one a second.
    this.#timer = setInterval(() => this.show(this.snapshot), 1000);
    return this;
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  /** The connections of current viewers. */
  get connections(): readonly Socket[] {
    return [...this.#viewers].map(({ socket }) => socket).filter((socket) => socket !== null);
  }

  /** Stops sending by itself. */
  fallSilent(): void {
    clearInterval(this.#timer);
  }

  /** Shows a snapshot at once, and from then on. */
  show(snapshot: StateSnapshot): void {
    this.snapshot = snapshot;
    for (const viewer of this.#viewers) viewer.write(eventOf(snapshot));
  }

  /** Sends nothing by itself, to new viewers neither, as where a proxy holds streams back. */
  holdStreams(): void {
    this.fallSilent();
    this.#isHolding = true;
  }

  /** Shows nothing any more, in whatever way it is asked. */
  hang(): void {
    this.holdStreams();
    this.#isHanging = true;
  }

  /** Breaks the stream of every viewer off. */
  dropViewers(): void {
    for (const viewer of this.#viewers) viewer.destroy();
  }

  /** Ends all connections, and takes no new ones. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    const isKnown = this.token === undefined || request.headers.cookie === `session=${this.token}`;
    if (request.method === 'POST' && this.refusal !== undefined)
      return sendJson(response, 403, { error: { message: this.refusal } });
    if (path === '/admin/session') return this.#beginSession(request, response);
    if (!path.startsWith('/admin/')) return servePage(request, response) ? undefined : notFound(response);
    if (!isKnown) return sendJson(response, 401, { error: { message: 'A token is needed.' } });
    if (path === '/admin/state' && this.#isHanging) return;
    if (path === '/admin/state') return sendJson(response, 200, this.snapshot);
    if (path === '/admin/config') return sendJson(response, 200, this.config);
    if (path === '/admin/events' && this.isCrowded) return sendJson(response, 503, {});
    if (path === '/admin/events') return this.#addViewer(response);
    this.actions.push(`${path.slice('/admin/'.length)} ${await text(request)}`);
    return sendJson(response, 200, { effect: 'It is done.' });
  }

  #addViewer(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('retry: 200\n\n');
    if (!this.#isHolding) response.write(eventOf(this.snapshot));
    this.#viewers.add(response);
    response.on('close', () => this.#viewers.delete(response));
  }

  async #beginSession(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { token } = JSON.parse(await text(request)) as { token: string };
    if (token !== this.token) return sendJson(response, 401, {});
    response.setHeader('set-cookie', `session=${token}${this.cookieEnd}`);
    return sendJson(response, 200, {});
  }
}

/** Restarts a stopped one at the same address. */
export async function restartFakeAdmin(url: string): Promise<FakeAdmin> {
  for (;;) {
    try {
      return await new FakeAdmin().start(Number(new URL(url).port));
    } catch {
      await wait(50);
    }
  }
}

function eventOf(snapshot: StateSnapshot): string {
  return `event: snapshot\ndata: ${JSON.stringify(snapshot)}\n\n`;
}

function notFound(response: ServerResponse): void {
  sendJson(response, 404, {});
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
