import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { AnswerIds } from './answer-ids.ts';

const UNPACKERS: Readonly<Record<string, () => ReturnType<typeof createGunzip>>> = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** Lets packed bytes be read as what they are; there is no reading those that are packed in an unknown way. */
export function unpack(ids: AnswerIds, contentEncoding: string | undefined): AnswerIds | undefined {
  if (contentEncoding === undefined || contentEncoding === 'identity') return ids;
  const unpacker = UNPACKERS[contentEncoding.toLowerCase()]?.();
  if (unpacker === undefined) return undefined;
  unpacker.on('data', (chunk: Buffer) => ids.write(chunk));
  // Whatever is wrong with it is for the client to see.
  unpacker.on('error', () => unpacker.destroy());
  return { write: (chunk) => void unpacker.write(chunk), end: () => void unpacker.end() };
}
