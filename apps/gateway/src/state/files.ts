import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Others have no business in these files. */
export const FILE_MODE = 0o600;

/** Where a file is, and what is beside it. */
export interface FilePlaces {
  readonly current: string;
  /** The one before the last that was written. */
  readonly previous: string;
  /** One that is being written, or was to take the place of the current one. */
  readonly unfinished: string;
}

/** Returns the places of a file, such as `usage-2026-11-30` with the ending `json`. */
export function placesOf(folder: string, name: string, ending: string): FilePlaces {
  return {
    current: `${folder}/${name}.${ending}`,
    previous: `${folder}/${name}.previous.${ending}`,
    unfinished: `${folder}/${name}.unfinished.${ending}`,
  };
}

/** Reads a file; undefined if there is none. */
export function readIfThere(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch(orNothing);
}

/** Puts the unfinished file, which is whole by now, in the place of the current one. That becomes the previous one. */
export async function finish({ current, previous, unfinished }: FilePlaces): Promise<void> {
  await rename(current, previous).catch(orNothing);
  await rename(unfinished, current);
  await syncFolder(dirname(current));
}

/** Takes a file out of the way and returns its new path: nothing that may be needed again is deleted. */
export async function setAside(path: string, why: 'damaged' | 'newer'): Promise<string> {
  const aside = `${path}.${why}-${new Date().toISOString().replaceAll(':', '-')}`;
  await rename(path, aside).catch(orNothing);
  return aside;
}

/** Without it, a file that was renamed may be back after the power has failed. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r');
    await folder.sync().finally(() => folder.close());
  } catch {
    // Network shares need not know it.
  }
}

export function orNothing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
