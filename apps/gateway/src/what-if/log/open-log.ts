import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** Stands for standard input. */
export const STDIN = '-';

/** The beginnings of packed files that only other programs can unpack, in hexadecimal. */
const OTHERS: readonly (readonly [string, string])[] = [
  ['28b52ffd', 'zstd'],
  ['fd377a58', 'xz'],
  ['425a68', 'bzip2'],
  ['504b0304', 'zip'],
];

/** A log that is packed in a way that is not read here. */
export class OtherPacking extends Error {}

/**
 * Opens a log as text. Its first bytes, not its name, say whether it is packed: log rotation and pipes give packed logs any
 * name, and unpacked ones may still be called `.gz`. PowerShell’s `>` writes UTF-16.
 *
 * @throws OtherPacking if it is packed, but not by gzip
 * @throws an error of the file system
 */
export async function openLog(file: string): Promise<Readable> {
  const bytes: Readable = file === STDIN ? process.stdin : createReadStream(file);
  const beginning = await peek(bytes);
  const [first, second] = beginning;
  // A pipe that was empty has ended by now, and would not end once more for its reader.
  if (first === undefined) return Readable.from([]);
  const packing = packingOf(beginning);
  if (packing !== undefined) {
    bytes.destroy();
    throw new OtherPacking(`it is packed by ${packing}: unpack it first`);
  }
  if (first === 0xff && second === 0xfe) return bytes.setEncoding('utf16le');
  if (first !== 0x1f || second !== 0x8b) return bytes;
  const unpacked = createGunzip();
  // A pipe does not pass on an error of the file by itself.
  bytes.once('error', (error) => unpacked.destroy(error));
  return bytes.pipe(unpacked);
}

function packingOf(beginning: Uint8Array): string | undefined {
  const text = Buffer.from(beginning.subarray(0, 4)).toString('hex');
  return OTHERS.find(([magic]) => text.startsWith(magic))?.[1];
}

/** Returns the first bytes, and leaves them there to be read. */
async function peek(bytes: Readable): Promise<Uint8Array> {
  await once(bytes, 'readable');
  const chunk = bytes.read() as Buffer | null;
  if (chunk === null) return new Uint8Array();
  bytes.unshift(chunk);
  return chunk;
}
