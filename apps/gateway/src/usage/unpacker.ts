import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';

/** The bytes so far can be unpacked although the end is missing. */
const ZLIB = { finishFlush: zlib.constants.Z_SYNC_FLUSH };
const BROTLI = { finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH };

const UNPACKERS: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ['gzip', () => zlib.createGunzip(ZLIB)],
  ['x-gzip', () => zlib.createGunzip(ZLIB)],
  ['deflate', () => zlib.createInflate(ZLIB)],
  ['br', () => zlib.createBrotliDecompress(BROTLI)],
  // Missing in Node 20.
  ...('createZstdDecompress' in zlib
    ? [['zstd', () => zlib.createZstdDecompress({ finishFlush: zlib.constants.ZSTD_e_flush })] as const]
    : []),
]);

/**
 * Returns the stream that unpacks an answer: `none` where it is not packed, undefined where it is packed in an unknown
 * way.
 *
 * @param contentEncoding the header
 */
export function createUnpacker(contentEncoding: string | undefined): Transform | 'none' | undefined {
  const packing = (contentEncoding ?? '').trim().toLowerCase();
  return packing === '' || packing === 'identity' ? 'none' : UNPACKERS.get(packing)?.();
}

/** The limit on packed bytes that wait to be unpacked. An answer that runs further ahead is no longer read. */
const MAX_WAITING_BYTES = 1_048_576;
/** Of an answer that unpacks to more than this, the rest is not read either. */
const MAX_UNPACKED_BYTES = 67_108_864;

/**
 * Reads a copy of a packed answer, within limits: nothing beyond them is read, and the answer then does not count as
 * complete.
 */
export class UnpackedCopy {
  /** Resolves when everything that will be read has been. */
  readonly whenRead: Promise<void>;
  readonly #unpacker: Transform;

  constructor(unpacker: Transform, read: (chunk: Buffer) => void) {
    this.#unpacker = unpacker;
    let bytes = 0;
    unpacker.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_UNPACKED_BYTES) unpacker.destroy();
      else read(chunk);
    });
    // Any error in it is for the client to see.
    unpacker.on('error', () => unpacker.destroy());
    this.whenRead = new Promise((resolve) => {
      unpacker.once('end', resolve).once('close', resolve);
    });
  }

  write(chunk: Buffer): void {
    if (this.#unpacker.destroyed) return;
    if (this.#unpacker.writableLength < MAX_WAITING_BYTES) this.#unpacker.write(chunk);
    else this.#unpacker.destroy();
  }

  end(): void {
    if (!this.#unpacker.destroyed) this.#unpacker.end();
  }
}
