import * as zlib from 'node:zlib';

/** More than any error or announcement. A body that unpacks to more is not inspected. */
const MAX_UNPACKED_BYTES = 262_144;

/** Unpacks the bytes so far, although more may follow. */
const ZLIB: zlib.ZlibOptions = { finishFlush: zlib.constants.Z_SYNC_FLUSH };
const BROTLI: zlib.BrotliOptions = { finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH };

const UNPACK: ReadonlyMap<string, (bytes: Buffer, maxOutputLength: number) => Buffer> = new Map([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  ['deflate', inflate],
  ['br', (bytes, maxOutputLength) => zlib.brotliDecompressSync(bytes, { ...BROTLI, maxOutputLength })],
  ['zstd', unpackZstd],
]);

/**
 * Returns the beginning of a body, unpacked; undefined if it is packed in an unknown way.
 *
 * @param maxBytes the limit of the unpacked size
 */
export function unpacked(
  bytes: Buffer,
  contentEncoding: string | undefined,
  maxBytes = MAX_UNPACKED_BYTES,
): Buffer | undefined {
  const codings = (contentEncoding ?? '').toLowerCase().split(',');
  let result = bytes;
  for (const coding of codings.map((one) => one.trim()).toReversed()) {
    if (coding === '' || coding === 'identity') continue;
    const unpack = UNPACK.get(coding);
    if (unpack === undefined) return undefined;
    try {
      result = unpack(result, maxBytes);
    } catch {
      return undefined;
    }
  }
  return result;
}

/**
 * Returns a body unpacked as well as possible. Some backends claim to have packed, name an unknown coding, or pack without
 * saying so.
 */
export function unpackedLeniently(
  bytes: Buffer,
  contentEncoding: string | undefined,
  maxBytes?: number,
): Buffer {
  const plain = unpacked(bytes, contentEncoding, maxBytes) ?? bytes;
  const isGzip = plain[0] === 0x1f && plain[1] === 0x8b;
  return (isGzip ? unpacked(plain, 'gzip', maxBytes) : undefined) ?? plain;
}

function gunzip(bytes: Buffer, maxOutputLength: number): Buffer {
  return zlib.gunzipSync(bytes, { ...ZLIB, maxOutputLength });
}

/** RFC 9110 §8.4.1.2: some send it without the zlib format around it. */
function inflate(bytes: Buffer, maxOutputLength: number): Buffer {
  try {
    return zlib.inflateSync(bytes, { ...ZLIB, maxOutputLength });
  } catch {
    return zlib.inflateRawSync(bytes, { ...ZLIB, maxOutputLength });
  }
}

/** Node 20 has none. */
function unpackZstd(bytes: Buffer, maxOutputLength: number): Buffer {
  const { zstdDecompressSync, constants } = zlib;
  if (zstdDecompressSync === undefined) throw new Error('this Node.js cannot read zstd');
  return zstdDecompressSync(bytes, { finishFlush: constants.ZSTD_e_flush, maxOutputLength });
}
