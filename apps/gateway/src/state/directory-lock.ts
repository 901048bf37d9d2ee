import { randomUUID } from 'node:crypto';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { FILE_MODE, readIfThere } from './files.ts';

/** A holder that has not moved for so long is gone; it moves once a second. */
export const STALE_MS = 5000;
/** Of two that take a stale lock at once, the later one has it; so long the earlier one may take to see that. */
const SETTLE_MS = 250;

/**
 * Says which process may write a folder: a file with the name of its holder, who changes it once a second. Numbers of processes say
 * nothing, as each container counts from 1, and clocks of machines differ: a holder is gone when its file has not changed for a
 * while of the onlooker's own time.
 */
export class DirectoryLock {
  readonly #path: string;
  readonly #nowMs: () => number;
  readonly #holder = randomUUID();
  #beats = 0;
  /** The file of another holder, and when it was first seen like this. */
  #seen: { readonly text: string; readonly sinceMs: number } | undefined;
  #isHeld = false;
  /** Whether another holder has been seen to move. */
  isOtherAlive = false;
  /** Whether the last beat found none that this process had made: the folder has been emptied, or another one is in its place. */
  wasRemoved = false;

  /** @param nowMs a monotonic clock in milliseconds */
  constructor(folder: string, nowMs: () => number) {
    this.#path = `${folder}/lock`;
    this.#nowMs = nowMs;
  }

  /**
   * Shows that the holder is alive, or takes the lock if nobody has it any more.
   *
   * @returns whether this process has it
   * @throws the system's error
   */
  async beat(): Promise<boolean> {
    const text = (await readIfThere(this.#path))?.toString('utf8');
    this.wasRemoved = text === undefined && this.#isHeld;
    if (text === undefined) this.#isHeld = await this.#create();
    else if (this.#isOurs(text)) await this.#replace();
    else this.#isHeld = this.#isStale(text) && (await this.#take());
    return this.#isHeld;
  }

  /** Lets others have it at once. */
  async release(): Promise<void> {
    const text = (await readIfThere(this.#path))?.toString('utf8');
    if (text !== undefined && this.#isOurs(text)) await rm(this.#path, { force: true });
    this.#isHeld = false;
  }

  /** Without a settled time, as only one can make a file that is not there. */
  async #create(): Promise<boolean> {
    try {
      const file = await open(this.#path, 'wx', FILE_MODE);
      await file.writeFile(this.#text()).finally(() => file.close());
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }

  async #take(): Promise<boolean> {
    await this.#replace();
    await sleep(SETTLE_MS);
    const text = (await readIfThere(this.#path))?.toString('utf8');
    this.#seen = undefined;
    return text !== undefined && this.#isOurs(text);
  }

  /** Whole at any moment. */
  async #replace(): Promise<void> {
    const beside = `${this.#path}.${this.#holder}`;
    await writeFile(beside, this.#text(), { mode: FILE_MODE });
    await rename(beside, this.#path);
  }

  #isStale(text: string): boolean {
    if (text === this.#seen?.text) return this.#nowMs() - this.#seen.sinceMs >= STALE_MS;
    this.isOtherAlive = this.#seen !== undefined;
    this.#seen = { text, sinceMs: this.#nowMs() };
    return false;
  }

  #isOurs(text: string): boolean {
    return text.startsWith(this.#holder);
  }

  #text(): string {
    return `${this.#holder} ${++this.#beats}\n`;
  }
}
