import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher, Pool } from 'undici';

const hopByHop = new Set([
  'connection',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Relays one request to `pool` and its answer back: the minimum work of a Node proxy, and our yardstick. */
export function relayRequest(pool: Pool, request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const [only] = chunks;
    const body = chunks.length === 1 && only ? only : Buffer.concat(chunks);
    const options = {
      path: request.url ?? '/',
      method: request.method ?? 'GET',
      headers: requestHeaders(request.rawHeaders),
      body,
    };
    pool.dispatch(options, new RelayHandler(response));
  });
}

class RelayHandler implements Dispatcher.DispatchHandler {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    const response = this.#response;
    response.on('close', () => {
      if (!response.writableFinished) controller.abort(new Error('the client went away'));
    });
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status >= 200) this.#response.writeHead(status, responseHeaders(headers));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#response.write(chunk)) return;
    controller.pause();
    this.#response.once('drain', () => controller.resume());
  }

  onResponseEnd(): void {
    this.#response.end();
  }

  onResponseError(): void {
    if (this.#response.headersSent) this.#response.destroy();
    else this.#response.writeHead(502).end();
  }
}

function requestHeaders(raw: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? '';
    if (!hopByHop.has(name.toLowerCase())) kept.push(name, raw[index + 1] ?? '');
  }
  return kept;
}

function responseHeaders(headers: Record<string, string | string[] | undefined>): string[] {
  const kept: string[] = [];
  for (const name in headers) {
    if (hopByHop.has(name)) continue;
    const value = headers[name];
    if (typeof value === 'string') kept.push(name, value);
    else for (const one of value ?? []) kept.push(name, one);
  }
  return kept;
}
