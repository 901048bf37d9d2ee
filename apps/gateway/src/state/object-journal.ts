import { constants } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import type { EmbeddedOwners, KnownOwner } from '../ownership/owner-store.ts';
import type { Log } from '../telemetry/log.ts';
import { FILE_MODE, type FilePlaces, finish, placesOf, setAside } from './files.ts';
import { type Journal, journalLine, type JournalEntries, readJournal } from './journal-lines.ts';
import { GONE, HEAD, WORDS } from './kept-file.ts';
import type { Keeper } from './state-part.ts';

/** It is rewritten when it has this many lines more than twice the number of known objects. */
const SPARE_LINES = 10_000;
/** This many lines are rendered before other work gets a turn. */
const LINES_AT_ONCE = 1000;
/** The errors of a file that is missing, or has a folder in its place. */
const REMOVED: ReadonlySet<string | undefined> = new Set(['ENOENT', 'EISDIR']);

/**
 * Stores which backend has which stored object, and its client: a journal that is only appended to, and sometimes
 * rewritten without outdated lines. It has ids of objects and hashes of sealed contents, but none of their content.
 */
export class ObjectJournal implements Keeper {
  readonly #places: FilePlaces;
  readonly #owners: EmbeddedOwners;
  readonly #log: Log;
  /** The entries still to be written; undefined while the journal has to be rewritten, so that all entries are. */
  #pending: JournalEntries | undefined;
  #file: FileHandle | undefined;
  #lines = 0;

  constructor(folder: string, owners: EmbeddedOwners, log: Log) {
    this.#places = placesOf(folder, 'objects', 'jsonl');
    this.#owners = owners;
    this.#log = log;
    owners.onChange = (id, known) => this.#note(id, known);
  }

  async load(isWriter: boolean): Promise<void> {
    await this.close();
    for (const [id, known] of await this.#read(isWriter))
      if (known !== undefined) this.#owners.restore(id, known);
  }

  async write(present: ReadonlySet<string>): Promise<void> {
    const { size } = this.#owners;
    await this.#closeIfGone(present);
    if (this.#pending === undefined || this.#file === undefined || this.#lines > 2 * size + SPARE_LINES)
      return this.#writeAnew();
    if (this.#pending.size === 0) return;
    const pending = this.#pending;
    this.#pending = new Map();
    try {
      await writeLines(this.#file, pending);
      await this.#file.datasync();
      this.#lines += pending.size;
    } catch (error) {
      // The line may have been written in part.
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    this.#pending = undefined;
    await file?.close();
  }

  /** Lines that are appended to a removed file are lost. */
  async #closeIfGone(present: ReadonlySet<string>): Promise<void> {
    const { current } = this.#places;
    if (this.#file === undefined || present.has(current)) return;
    this.#log.warn({ file: current }, GONE);
    await this.close();
  }

  #note(id: string, known: KnownOwner | undefined): void {
    if (this.#pending === undefined) return;
    this.#pending.delete(id);
    this.#pending.set(id, known);
    // While it cannot be written, entries must not pile up.
    if (this.#pending.size > SPARE_LINES && this.#pending.size > this.#owners.size) this.#pending = undefined;
  }

  async #writeAnew(): Promise<void> {
    await this.close();
    const { unfinished } = this.#places;
    const pending: JournalEntries = (this.#pending = new Map());
    try {
      const file = await open(unfinished, 'w', FILE_MODE);
      try {
        await file.write(`${HEAD}\n`);
        this.#lines = await writeLines(file, this.#owners.known());
        await file.sync();
      } finally {
        await file.close();
      }
      await finish(this.#places);
      this.#file = await this.#open();
    } catch (error) {
      if (this.#pending === pending) this.#pending = undefined;
      throw error;
    }
  }

  /** Opens it to append to it. It is not created, as all the rest would be missing: if it is gone, it is written anew. */
  async #open(): Promise<FileHandle | undefined> {
    const { current } = this.#places;
    try {
      return await open(current, constants.O_WRONLY | constants.O_APPEND);
    } catch (error) {
      if (!REMOVED.has((error as NodeJS.ErrnoException).code)) throw error;
      this.#log.warn({ file: current }, GONE);
      return undefined;
    }
  }

  /** Reads the journal; if it is damaged, all of its complete lines, and the journal before it. */
  async #read(isWriter: boolean): Promise<JournalEntries> {
    const { current, previous, unfinished } = this.#places;
    const journal = await this.#take(current, isWriter);
    if (journal.kind === 'whole') return journal.entries;
    if (journal.kind === 'missing') {
      const other = await readJournal(unfinished, Date.now());
      if (other.kind === 'whole') {
        if (isWriter) await rename(unfinished, current);
        return other.entries;
      }
    }
    const before = await this.#take(previous, isWriter);
    return new Map([...entriesOf(before), ...entriesOf(journal)]);
  }

  async #take(path: string, isWriter: boolean): Promise<Journal> {
    const journal = await readJournal(path, Date.now());
    if (journal.kind !== 'damaged' && journal.kind !== 'newer') return journal;
    const aside = isWriter ? await setAside(path, journal.kind) : undefined;
    this.#log.warn({ file: path, aside }, `a file of the state is ${WORDS[journal.kind]}`);
    return journal;
  }
}

function entriesOf(journal: Journal): JournalEntries {
  return 'entries' in journal ? journal.entries : new Map();
}

/** Writes lines, some at a time. Returns how many there were. */
async function writeLines(
  file: FileHandle,
  entries: Iterable<readonly [id: string, known: KnownOwner | undefined]>,
): Promise<number> {
  let lines: string[] = [];
  let count = 0;
  for (const [id, known] of entries) {
    lines.push(journalLine(id, known, Date.now()));
    count++;
    if (lines.length < LINES_AT_ONCE) continue;
    await file.appendFile(lines.join(''));
    lines = [];
  }
  if (lines.length > 0) await file.appendFile(lines.join(''));
  return count;
}
