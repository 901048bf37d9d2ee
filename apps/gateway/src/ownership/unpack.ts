import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { AnswerIds } from './answer-ids.ts';

const UNPACKERS: ReadonlyMap<string, () => ReturnType<typeof createGunzip>> = new Map([
  ['gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

/** What has come of a packed answer and is not unpacked yet. An answer that outruns it by more is not read any further. */
const MAX_WAITING_BYTES = 1_048_576;

/** Lets packed bytes be read as what they are; there is no reading those that are packed in an unknown way. */
export function unpack(ids: AnswerIds, contentEncoding: string | undefined): AnswerIds | undefined {
  if (contentEncoding === undefined || contentEncoding === 'identity') return ids;
  const unpacker = UNPACKERS.get(contentEncoding.toLowerCase())?.();
  if (unpacker === undefined) return undefined;
  unpacker.on('data', (chunk: Buffer) => ids.write(chunk));
  // Whatever is wrong with it is for the client to see.
  unpacker.on('error', () => unpacker.destroy());
  return {
    write: (chunk) => {
      if (unpacker.writableLength < MAX_WAITING_BYTES) unpacker.write(chunk);
      else unpacker.destroy();
    },
    end: () => void unpacker.end(),
  };
}
