import * as zlib from 'node:zlib';
import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type TestBackend, startHttpBackend } from './start-backend.ts';

const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH } = zlib.constants;

/** The ways to pack answers. */
const packings: Readonly<Record<string, () => Transform>> = {
  gzip: () => zlib.createGzip({ flush: Z_SYNC_FLUSH }),
  deflate: () => zlib.createDeflate({ flush: Z_SYNC_FLUSH }),
  br: () => zlib.createBrotliCompress({ flush: BROTLI_OPERATION_FLUSH }),
};

/** A packing backend, with its requests. */
export interface PackingBackend extends TestBackend {
  readonly acceptEncodings: (string | string[] | undefined)[];
}

/** Starts a backend that packs another one's answers, whatever the request accepts. */
export async function startPackingBackend(
  { url: origin }: { readonly url: string },
  packing: string,
): Promise<PackingBackend> {
  const acceptEncodings: PackingBackend['acceptEncodings'] = [];
  const { url } = await startHttpBackend(async (request, response) => {
    acceptEncodings.push(request.headers['accept-encoding']);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const answer = await fetch(origin + String(request.url), {
      method: request.method ?? 'GET',
      headers: { 'content-type': 'application/json', 'api-key': String(request.headers['api-key']) },
      body: chunks.length === 0 ? null : Buffer.concat(chunks),
    });
    const pack = packings[packing]?.();
    response.writeHead(answer.status, {
      'content-type': answer.headers.get('content-type') ?? '',
      ...(pack && { 'content-encoding': packing }),
    });
    const body = answer.body ?? [];
    await (pack === undefined ? pipeline(body, response) : pipeline(body, pack, response)).catch(() => {});
  });
  return { url, acceptEncodings };
}
