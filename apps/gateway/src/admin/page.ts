import type { IncomingMessage, ServerResponse } from 'node:http';
import { brotliDecompressSync, gzipSync } from 'node:zlib';
import { readPageFiles } from './page-files.ts';

const TYPES: ReadonlyMap<string, string> = new Map([
  ['html', 'text/html; charset=utf-8'],
  ['js', 'text/javascript; charset=utf-8'],
  ['css', 'text/css; charset=utf-8'],
  ['svg', 'image/svg+xml'],
]);

const HEADERS = {
  'content-security-policy':
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
  'referrer-policy': 'no-referrer',
  // For browsers without frame-ancestors.
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  vary: 'accept-encoding',
};

type Encoding = 'br' | 'gzip' | 'identity';

let files: ReadonlyMap<string, Buffer> | undefined;
/** Built once for browsers that do not take brotli: none does over plain HTTP from another machine. */
const repacked = new Map<string, Buffer>();

/** Answers with a file of the live page, which holds no secret. Returns false if the request is for something else. */
export function servePage(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  const name = (request.url ?? '').replace(/\?.*$/, '').slice(1) || 'index.html';
  files ??= readPageFiles();
  const packed = files.get(name);
  if (packed === undefined) return false;
  const encoding = encodingFor(request.headers['accept-encoding'] ?? '');
  const body = encoding === 'br' ? packed : repack(name, packed, encoding);
  response.writeHead(200, {
    ...HEADERS,
    'content-type': TYPES.get(name.slice(name.lastIndexOf('.') + 1)) ?? 'application/octet-stream',
    'content-length': body.length,
    // Names of assets change with their content.
    'cache-control': name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    ...(encoding !== 'identity' && { 'content-encoding': encoding }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
  return true;
}

function encodingFor(accepted: string): Encoding {
  if (takes(accepted, 'br')) return 'br';
  return takes(accepted, 'gzip') ? 'gzip' : 'identity';
}

function takes(accepted: string, encoding: string): boolean {
  return accepted.split(',').some((item) => {
    const [name = '', quality = ''] = item.split(';');
    return name.trim().toLowerCase() === encoding && !/^\s*q=0(?:\.0*)?\s*$/i.test(quality);
  });
}

function repack(name: string, packed: Buffer, encoding: Exclude<Encoding, 'br'>): Buffer {
  const key = `${encoding} ${name}`;
  let body = repacked.get(key);
  if (body === undefined) {
    const plain = brotliDecompressSync(packed);
    repacked.set(key, (body = encoding === 'gzip' ? gzipSync(plain) : plain));
  }
  return body;
}
