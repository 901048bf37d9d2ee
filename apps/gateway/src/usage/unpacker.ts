import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';

/** What has come can be read although its end is missing. */
const ZLIB = { finishFlush: zlib.constants.Z_SYNC_FLUSH };
const BROTLI = { finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH };

const UNPACKERS: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ['gzip', () => zlib.createGunzip(ZLIB)],
  ['x-gzip', () => zlib.createGunzip(ZLIB)],
  ['deflate', () => zlib.createInflate(ZLIB)],
  ['br', () => zlib.createBrotliDecompress(BROTLI)],
  // Node 20 does not have it.
  ...('createZstdDecompress' in zlib
    ? [['zstd', () => zlib.createZstdDecompress({ finishFlush: zlib.constants.ZSTD_e_flush })] as const]
    : []),
]);

/**
 * Returns what unpacks an answer as it comes: `none` where it is not packed, nothing where it is in a way that is not known.
 *
 * @param contentEncoding the header
 */
export function createUnpacker(contentEncoding: string | undefined): Transform | 'none' | undefined {
  const packing = (contentEncoding ?? '').trim().toLowerCase();
  return packing === '' || packing === 'identity' ? 'none' : UNPACKERS.get(packing)?.();
}

/** What has come of a packed answer and is not unpacked yet. An answer that outruns it by more is not read any further. */
const MAX_WAITING_BYTES = 1_048_576;
/** And of one that unpacks to more, the rest is not read either. */
const MAX_UNPACKED_BYTES = 67_108_864;

/** Reads a copy of a packed answer, within bounds: more than that of it is not read, and it is not told to be whole. */
export class UnpackedCopy {
  /** Resolves when all that will be read has been. */
  readonly isRead: Promise<void>;
  readonly #unpacker: Transform;

  constructor(unpacker: Transform, read: (chunk: Buffer) => void) {
    this.#unpacker = unpacker;
    let bytes = 0;
    unpacker.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_UNPACKED_BYTES) unpacker.destroy();
      else read(chunk);
    });
    // Whatever is wrong with it is for the client to see.
    unpacker.on('error', () => unpacker.destroy());
    this.isRead = new Promise((resolve) => {
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
