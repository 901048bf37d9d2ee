import { readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** What was found where a file should be. */
export interface FileReading {
  readonly bytes: Buffer | undefined;
  /** Why it cannot be read, such as `ENOENT`. */
  readonly code: string | undefined;
}

/** Whoever is writing a file has written the rest of it by then, and swapped the links. */
const SETTLE_MS = 250;
/** A file that still changes after so many readings is a log, or two are writing it. */
const MAX_READINGS = 40;

/** Reads files. Never rejects, and never waits for a writer, as a pipe would. */
export function readFiles(paths: readonly string[]): Promise<readonly FileReading[]> {
  return Promise.all(paths.map(readOne));
}

/** Reads files until two readings in a row have found the same; undefined if they change all the time. */
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

/** Reads a file at once. */
export function readNow(path: string): FileReading {
  try {
    return { bytes: readFileSync(path), code: undefined };
  } catch (error) {
    return { bytes: undefined, code: codeOf(error) };
  }
}

/** Returns a text that is another one if any of them is. */
export function fingerprintOf(readings: readonly FileReading[]): string {
  return JSON.stringify(readings.map(({ bytes, code }) => [code, bytes?.toString('latin1')]));
}

async function readOne(path: string): Promise<FileReading> {
  try {
    const found = await stat(path);
    if (!found.isFile())
      return { bytes: undefined, code: found.isDirectory() ? 'EISDIR' : 'no regular file' };
    return { bytes: await readFile(path), code: undefined };
  } catch (error) {
    return { bytes: undefined, code: codeOf(error) };
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unreadable';
}
