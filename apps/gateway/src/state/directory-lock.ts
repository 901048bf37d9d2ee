import { randomUUID } from 'node:crypto';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { FILE_MODE, readIfThere } from './files.ts';

/** A holder whose file has not changed for this long is gone; it changes once a second. */
export const STALE_MS = 5000;
/**
 * Of two processes that take a stale lock at once, the later one gets it; the earlier one needs up to this long to
 * notice.
 */
const SETTLE_MS = 250;

/**
 * Determines which process may write a folder: a file with the name of its holder, who changes it once a second.
 * Process ids prove nothing, as each container counts from 1, and clocks of machines differ: a holder is gone when its
 * file has not changed for a while by the observer's own clock.
 */
export class DirectoryLock {
  readonly #path: string;
  readonly #nowMs: () => number;
  readonly #holder = randomUUID();
  #beats = 0;
  /** The file of another holder, and when it was first seen like this. */
  #seen: { readonly text: string; readonly sinceMs: number } | undefined;
  #isHeld = false;
  /** Whether another holder's file has been seen to change. */
  isOtherAlive = false;
  /** Whether the last beat found this process's file missing: the folder has been emptied, or replaced by another. */
  wasRemoved = false;

  /** @param nowMs a monotonic clock in milliseconds */
  constructor(folder: string, nowMs: () => number) {
    this.#path = `${folder}/lock`;
    this.#nowMs = nowMs;
  }

  /**
   * Shows that the holder is alive, or takes the lock if it is free or stale.
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

  /** Frees the lock for others at once. */
  async release(): Promise<void> {
    const text = (await readIfThere(this.#path))?.toString('utf8');
    if (text !== undefined && this.#isOurs(text)) await rm(this.#path, { force: true });
    this.#isHeld = false;
  }

  /** Without waiting for SETTLE_MS, as only one process can create a missing file. */
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

  /** The file is complete at any moment. */
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
