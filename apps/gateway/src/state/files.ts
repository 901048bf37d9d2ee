import { lstat, mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Other users must not read these files. */
export const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/**
 * Creates a folder, with those above it. Node's own way never ends where the system says that the folder above is
 * missing although it is there, as in a removed folder.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, FOLDER_MODE).catch(unlessThere);
  } catch (error) {
    const above = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || above === path) throw error;
    await makeFolder(above);
    await mkdir(path, FOLDER_MODE).catch(unlessThere);
  }
}

/** The paths of a file and of its companions. */
export interface FilePlaces {
  readonly current: string;
  /** The version before the current one. */
  readonly previous: string;
  /** A version that is being written, or was about to replace the current one. */
  readonly unfinished: string;
}

/** Returns the paths of a file, such as `usage-2026-11-30` with the ending `json`. */
export function placesOf(folder: string, name: string, ending: string): FilePlaces {
  return {
    current: `${folder}/${name}.${ending}`,
    previous: `${folder}/${name}.previous.${ending}`,
    unfinished: `${folder}/${name}.unfinished.${ending}`,
  };
}

/** Returns the paths of the files in a folder. A folder or a link in the place of a file is none. */
export async function filesIn(folder: string): Promise<ReadonlySet<string>> {
  const entries = await readdir(folder, { withFileTypes: true });
  return new Set(entries.filter((entry) => entry.isFile()).map(({ name }) => `${folder}/${name}`));
}

/** Reads a file; undefined if there is none. */
export function readIfThere(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch(orNothing);
}

/**
 * Moves the unfinished file, which is complete by now, into the place of the current one. That becomes the previous
 * one.
 */
export async function finish({ current, previous, unfinished }: FilePlaces): Promise<void> {
  for (const path of [current, previous]) await setFolderAside(path);
  await rename(current, previous).catch(orNothing);
  await rename(unfinished, current);
  await syncFolder(dirname(current));
}

/** Moves a file away and returns its new path: nothing that may be needed again is deleted. */
export async function setAside(path: string, why: 'damaged' | 'newer'): Promise<string> {
  const aside = `${path}.${why}-${new Date().toISOString().replaceAll(':', '-')}`;
  await rename(path, aside).catch(orNothing);
  return aside;
}

/** No file can be renamed to the name of a folder. */
async function setFolderAside(path: string): Promise<void> {
  const found = await lstat(path).catch(orNothing);
  if (found?.isDirectory() === true) await setAside(path, 'damaged');
}

/** Without it, a rename may be undone by a power failure. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r');
    await folder.sync().finally(() => folder.close());
  } catch {
    // Network shares may not support it.
  }
}

export function orNothing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
