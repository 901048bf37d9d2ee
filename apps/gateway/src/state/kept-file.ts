import { createHash } from 'node:crypto';
import { open, rename } from 'node:fs/promises';
import type { Log } from '../telemetry/log.ts';
import { FILE_MODE, type FilePlaces, finish, placesOf, readIfThere, setAside } from './files.ts';

/** The version of the format. A file with a newer one is set aside, as it cannot be understood and must not be lost. */
const VERSION = 1;

/** A copy as it was found. */
type Copy =
  { readonly kind: 'missing' | 'damaged' | 'newer' } | { readonly kind: 'whole'; readonly json: string };

/** The copy that has been read. */
export type Found = 'current' | 'previous' | 'none';

/**
 * One value in a file: the first line has the format and the hash of the second, which is the value as JSON. It is
 * written to a second file, which then replaces the first.
 */
export class KeptFile {
  readonly #places: FilePlaces;
  readonly #log: Log;

  constructor(folder: string, name: string, log: Log) {
    this.#places = placesOf(folder, name, 'json');
    this.#log = log;
  }

  /**
   * Reads the value from the newest copy that is complete and accepted.
   *
   * @param isWriter whether damaged copies may be set aside; otherwise they are only skipped
   * @param accept throws if the value makes no sense
   * @throws the system's error if a file cannot be read
   */
  async read(isWriter: boolean, accept: (value: unknown) => void): Promise<Found> {
    const { current, previous, unfinished } = this.#places;
    const kind = await this.#take(current, isWriter, accept);
    if (kind === 'whole') return 'current';
    // The process was killed between the two renames.
    if (kind === 'missing' && (await this.#accept(unfinished, accept)) === 'whole') {
      if (isWriter) await rename(unfinished, current);
      return 'current';
    }
    return (await this.#take(previous, isWriter, accept)) === 'whole' ? 'previous' : 'none';
  }

  /** Returns whether the file, which was there, is not among those of the folder; the log then says so. */
  isGone(present: ReadonlySet<string>): boolean {
    const { current } = this.#places;
    if (present.has(current)) return false;
    this.#log.warn({ file: current }, GONE);
    return true;
  }

  /** Writes a value, given as JSON. */
  async write(json: string): Promise<void> {
    const file = await open(this.#places.unfinished, 'w', FILE_MODE);
    try {
      await file.writeFile(`${JSON.stringify({ spillway: VERSION, sha256: hashOf(json) })}\n${json}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await finish(this.#places);
  }

  /** Accepts a copy, or sets it aside. */
  async #take(path: string, isWriter: boolean, accept: (value: unknown) => void): Promise<Copy['kind']> {
    const kind = await this.#accept(path, accept);
    if (kind !== 'damaged' && kind !== 'newer') return kind;
    const aside = isWriter ? await setAside(path, kind) : undefined;
    this.#log.warn({ file: path, aside }, `a file of the state is ${WORDS[kind]}`);
    return kind;
  }

  async #accept(path: string, accept: (value: unknown) => void): Promise<Copy['kind']> {
    const copy = parseCopy(await readIfThere(path));
    if (copy.kind !== 'whole') return copy.kind;
    try {
      accept(JSON.parse(copy.json));
      return 'whole';
    } catch {
      return 'damaged';
    }
  }
}

/** Words for a file that cannot be used. */
export const WORDS = { damaged: 'damaged', newer: 'of a newer version' } as const;

/** Says that something else has removed a file. */
export const GONE = 'a file of the state was removed; what is known is written again';

/** Parses the first line of a file. */
export function readHead(line: string): {
  readonly kind: 'ours' | 'damaged' | 'newer';
  readonly sha256?: unknown;
} {
  try {
    const { spillway, sha256 } = JSON.parse(line) as {
      readonly spillway?: unknown;
      readonly sha256?: unknown;
    };
    if (spillway === VERSION) return { kind: 'ours', sha256 };
    return { kind: typeof spillway === 'number' && spillway > VERSION ? 'newer' : 'damaged' };
  } catch {
    return { kind: 'damaged' };
  }
}

/** The first line of a file whose entries have no common hash. */
export const HEAD = JSON.stringify({ spillway: VERSION });

function parseCopy(bytes: Buffer | undefined): Copy {
  if (bytes === undefined) return { kind: 'missing' };
  const [first = '', json = ''] = bytes.toString('utf8').split('\n', 2);
  const { kind, sha256 } = readHead(first);
  if (kind !== 'ours') return { kind };
  return sha256 === hashOf(json) ? { kind: 'whole', json } : { kind: 'damaged' };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
