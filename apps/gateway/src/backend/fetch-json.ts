// Not undici's main entry, which also loads fetch with its dependencies, and therefore needs Node 22.
import request from 'undici/lib/api/api-request.js';
import UndiciClient from 'undici/lib/dispatcher/client.js';
import { proxyOf } from '../config/proxies.ts';
import { createConnector } from './connector.ts';

const PATIENCE_MS = 5000;
const MAX_BYTES = 1_048_576;

/**
 * Fetches a small JSON document on a connection of its own, through a proxy where one is configured. Does not follow
 * redirects. Rejects if there is no valid document within a few seconds.
 */
export async function fetchJson(url: string): Promise<unknown> {
  const { origin, pathname, search } = new URL(url);
  const connect = createConnector({ timeoutMs: PATIENCE_MS, tls: undefined, proxy: proxyOf(url) });
  const client = new UndiciClient(origin, { connect, allowH2: false });
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const headers = { accept: 'application/json' };
    const { statusCode, body } = await request.call(client, {
      path: pathname + search,
      method: 'GET',
      headers,
      signal,
    });
    // The loop throws an error of the body as well.
    body.on('error', () => {});
    if (statusCode !== 200) throw new Error(`the answer is a ${statusCode}`);
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of body) {
      bytes += (chunk as Buffer).length;
      if (bytes > MAX_BYTES) throw new Error('the answer is too long');
      chunks.push(chunk as Buffer);
    }
    return JSON.parse(Buffer.concat(chunks).toString());
  } finally {
    client.destroy().catch(() => {});
  }
}
