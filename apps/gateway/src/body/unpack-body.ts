import { promisify } from 'node:util';
import * as zlib from 'node:zlib';

type Unpacker = (packed: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>;

const UNPACKERS: ReadonlyMap<string, Unpacker> = new Map<string, Unpacker>([
  ['gzip', promisify(zlib.gunzip)],
  ['x-gzip', promisify(zlib.gunzip)],
  ['deflate', promisify(zlib.inflate)],
  ['br', promisify(zlib.brotliDecompress)],
  // Missing in Node 20.
  ...('zstdDecompress' in zlib ? [['zstd', promisify(zlib.zstdDecompress) as Unpacker] as const] : []),
]);

/**
 * Unpacks a request's body; undefined if it is packed in an unknown way, is broken, or would become too large.
 *
 * @param contentEncoding the header
 */
export async function unpackBody(
  packed: Buffer,
  contentEncoding: string,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const unpacker = UNPACKERS.get(contentEncoding.trim().toLowerCase());
  try {
    return await unpacker?.(packed, { maxOutputLength: maxBytes });
  } catch {
    // The backend reports any error in the body.
    return undefined;
  }
}
