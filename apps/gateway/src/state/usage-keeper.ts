import { readdir, rm } from 'node:fs/promises';
import type { Log } from '../telemetry/log.ts';
import type { UsageDay } from '../telemetry/usage/usage-day.ts';
import type { UsageHistory } from '../telemetry/usage/usage-history.ts';
import { placesOf } from './files.ts';
import { KeptFile } from './kept-file.ts';
import type { Keeper } from './state-part.ts';

const NAME = /^usage-(\d{4}-\d{2}-\d{2})\..*json$/;

/** The known facts about a day's file. */
interface KeptDay {
  readonly file: KeptFile;
  /** Its content, as long as another process may write it. */
  known: unknown;
  /** The day's count of changes when it was written; undefined if it has to be written. */
  changes: number | undefined;
}

/** Saves the history of usage, each day in a file of its own: past days do not change. */
export class UsageKeeper implements Keeper {
  readonly #folder: string;
  readonly #history: UsageHistory;
  readonly #log: Log;
  /** By date. */
  readonly #days = new Map<string, KeptDay>();
  /** Days whose files this process has read as their writer: nobody else changes them any more. */
  readonly #closed = new Set<string>();

  constructor(folder: string, history: UsageHistory, log: Log) {
    this.#folder = folder;
    this.#history = history;
    this.#log = log;
  }

  async load(isWriter: boolean): Promise<void> {
    const dates = await this.#datesOfFiles();
    this.#forgetFilesBut(dates);
    for (const date of dates) if (!this.#closed.has(date)) await this.#loadDay(date, isWriter);
    if (isWriter) this.#close();
  }

  async write(present: ReadonlySet<string>): Promise<void> {
    const { days } = this.#history;
    const isOver = new Set(this.#days.keys());
    for (const day of days) {
      isOver.delete(day.date);
      await this.#writeDay(day, present);
    }
    for (const date of isOver) await this.#remove(date);
  }

  /** The files may have been removed: their days have to be written again. */
  #forgetFilesBut(dates: readonly string[]): void {
    for (const [date, kept] of this.#days) {
      if (dates.includes(date)) continue;
      kept.changes = undefined;
      this.#closed.delete(date);
    }
  }

  async #loadDay(date: string, isWriter: boolean): Promise<void> {
    const kept = this.#keptDay(date);
    const day = this.#history.dayOf(date);
    const hadChanged = day.changes !== (kept.changes ?? 0);
    const found = await kept.file.read(isWriter, (value) => {
      day.restore(value, kept.known);
      kept.known = value;
    });
    kept.changes = found === 'current' && !hadChanged ? day.changes : undefined;
  }

  async #writeDay(day: UsageDay, present: ReadonlySet<string>): Promise<void> {
    const { changes, date } = day;
    const kept = this.#keptDay(date);
    if (kept.changes !== undefined && kept.file.isGone(present)) kept.changes = undefined;
    if (changes === kept.changes) return;
    const saved = day.save();
    await kept.file.write(JSON.stringify(saved));
    kept.changes = changes;
    kept.known = saved;
    this.#closed.delete(date);
    this.#close();
  }

  /** Keeps only the content of the files of the last two days, to know what another process may add to them. */
  #close(): void {
    const dates = [...this.#days.keys()].sort();
    for (const date of dates.slice(0, -2)) {
      this.#keptDay(date).known = undefined;
      this.#closed.add(date);
    }
  }

  async #remove(date: string): Promise<void> {
    for (const path of Object.values(placesOf(this.#folder, nameOf(date), 'json')))
      await rm(path, { force: true });
    this.#days.delete(date);
    this.#closed.delete(date);
  }

  #keptDay(date: string): KeptDay {
    const known = this.#days.get(date);
    if (known !== undefined) return known;
    const made = {
      file: new KeptFile(this.#folder, nameOf(date), this.#log),
      known: undefined,
      changes: undefined,
    };
    this.#days.set(date, made);
    return made;
  }

  async #datesOfFiles(): Promise<readonly string[]> {
    const dates = (await readdir(this.#folder)).map((name) => NAME.exec(name)?.[1] ?? '');
    return [...new Set(dates)].filter((date) => date !== '').sort();
  }
}

function nameOf(date: string): string {
  return `usage-${date}`;
}
