import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { inTurn } from './in-turn.ts';

/** The result of reading a file. */
export interface FileReading {
  readonly bytes: Buffer | undefined;
  /** Why it cannot be read, such as `ENOENT`. */
  readonly code: string | undefined;
}

/** Ten thousand clients take half of it. A larger file is something else, such as a log, and would fill the memory. */
const MAX_CONFIG_BYTES = 8 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;
/** Why such a file is not read. */
const TOO_LARGE = 'more than 8 MB';

/** By then a writer has written the rest of the file, and swapped the links. */
const SETTLE_MS = 250;
/** A file that still changes after this many readings is a log, or has two writers. */
const MAX_READINGS = 40;

/** Reads files. Never rejects, and never waits for a writer, as a pipe would. */
export function readFiles(paths: readonly string[]): Promise<readonly FileReading[]> {
  return Promise.all(paths.map((path) => inTurn(() => readOne(path))));
}

/** Reads files until two consecutive readings are equal; undefined if they keep changing. */
export async function readSettled(paths: readonly string[]): Promise<readonly FileReading[] | undefined> {
  let last = await readFiles(paths);
  for (let readings = 1; readings < MAX_READINGS; readings++) {
    await sleep(SETTLE_MS, undefined, { ref: false });
    const next = await readFiles(paths);
    if (fingerprintOf(next) === fingerprintOf(last)) return next;
    last = next;
  }
  return undefined;
}

/** Reads a file at once; from a pipe, everything until it is closed. */
export function readNow(path: string): FileReading {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    return { bytes: undefined, code: codeOf(error) };
  }
  const reading = readOpen(file);
  closeSync(file);
  return reading;
}

/** Paths of this process's own input. If it is a socket, as some programs provide, it cannot be opened by its path. */
const STDIN = ['/dev/stdin', '/dev/fd/0'];

/** Reads a file for the only time, as a second reading of a pipe finds nothing. */
export function readOnce(path: string): FileReading {
  return STDIN.includes(path) ? readOpen(0) : readNow(path);
}

/** Returns whether a second reading would find nothing, as of `/dev/stdin`. A missing file is being replaced. */
export function canBeReadOnce(path: string): boolean {
  try {
    const found = statSync(path);
    return !found.isFile() && !found.isDirectory();
  } catch {
    return false;
  }
}

/** Returns a text that differs if any of the readings does. */
export function fingerprintOf(readings: readonly FileReading[]): string {
  const hash = createHash('sha256');
  for (const { bytes, code } of readings) hash.update(`${bytes?.length} ${code}\n`).update(bytes ?? '');
  return hash.digest('hex');
}

/** A device or a pipe does not say how much is in it, and may have no end. */
function readOpen(file: number): FileReading {
  const chunks: Buffer[] = [];
  try {
    for (let left = MAX_CONFIG_BYTES; left >= 0;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const length = readSync(file, chunk);
      if (length === 0) return { bytes: Buffer.concat(chunks), code: undefined };
      chunks.push(chunk.subarray(0, length));
      left -= length;
    }
    return { bytes: undefined, code: TOO_LARGE };
  } catch (error) {
    return { bytes: undefined, code: codeOf(error) };
  }
}

async function readOne(path: string): Promise<FileReading> {
  try {
    const found = await stat(path);
    if (!found.isFile())
      return { bytes: undefined, code: found.isDirectory() ? 'EISDIR' : 'no regular file' };
    if (found.size > MAX_CONFIG_BYTES) return { bytes: undefined, code: TOO_LARGE };
    return { bytes: await readFile(path), code: undefined };
  } catch (error) {
    return { bytes: undefined, code: codeOf(error) };
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unreadable';
}
