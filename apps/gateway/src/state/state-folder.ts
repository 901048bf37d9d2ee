import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../telemetry/log.ts';
import { DirectoryLock, STALE_MS } from './directory-lock.ts';
import { filesIn, makeFolder } from './files.ts';
import type { Keeper } from './state-part.ts';

const BEAT_MS = 1000;
const BEATS_PER_WRITE = 2;
/** An unresponsive network share must not keep the gateway from serving; its state is added when it arrives. */
const START_MS = 10_000;
/** At the end, the lock of a killed holder has to become stale first. */
const STOP_MS = STALE_MS + 3000;
const LOOK_AGAIN_MS = 200;

/**
 * Saves the state of the process in a folder: reads it at the start, and writes it every two seconds if no other
 * process does. Only the start and the end wait for it. Each error is logged once, and the operation is tried again.
 */
export class StateFolder {
  readonly #path: string;
  readonly #keepers: readonly Keeper[];
  readonly #log: Log;
  readonly #lock: DirectoryLock;
  readonly #stopping = new AbortController();
  #beats = 0;
  /** The role in which it has read the state. */
  #role: 'writer' | 'reader' | undefined;
  #isFailing = false;
  #running: Promise<void> = Promise.resolve();

  constructor(path: string, keepers: readonly Keeper[], log: Log, nowMs: () => number) {
    this.#path = path;
    this.#keepers = keepers;
    this.#log = log;
    this.#lock = new DirectoryLock(path, nowMs);
  }

  /** Reads the saved state, and keeps saving changes. */
  async start(): Promise<void> {
    const first = this.#beat(false);
    this.#running = first.then(() => this.#run());
    await Promise.race([first, sleep(START_MS, undefined, { ref: false })]);
  }

  /** Whether the last attempt to read and write it succeeded. */
  get isKept(): boolean {
    return !this.#isFailing;
  }

  /** Writes everything one last time, unless another process writes here. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.race([this.#end().catch(() => {}), sleep(STOP_MS, undefined, { ref: false })]);
    if (this.#role !== 'writer' || this.#isFailing)
      this.#log.warn({ path: this.#path }, 'the latest counts are not kept, as the state was not written');
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await sleep(BEAT_MS, undefined, { ref: false, signal }).catch(() => {});
      if (!signal.aborted) await this.#beat(++this.#beats % BEATS_PER_WRITE === 0);
    }
  }

  async #end(): Promise<void> {
    await this.#running;
    this.#lock.isOtherAlive = false;
    await this.#beat(true);
    while (this.#role !== 'writer' && !this.#lock.isOtherAlive && !this.#isFailing) {
      await sleep(LOOK_AGAIN_MS);
      await this.#beat(true);
    }
    for (const keeper of this.#keepers) await keeper.close?.();
    await this.#lock.release();
  }

  /** Renews the lock and, if this process holds it, writes the changes. Never rejects. */
  async #beat(isToWrite: boolean): Promise<void> {
    try {
      await makeFolder(this.#path);
      const isWriter = await this.#beatLock();
      if (this.#lock.wasRemoved) this.#beginAnew();
      if (isWriter) await this.#becomeWriter();
      else await this.#becomeReader();
      if (isWriter && isToWrite) await this.#write();
      if (isToWrite || !isWriter) this.#noteSuccess();
    } catch (error) {
      this.#noteFailure(error as Error);
    }
  }

  async #beatLock(): Promise<boolean> {
    try {
      return await this.#lock.beat();
    } catch (error) {
      // A read-only folder is still read.
      if (this.#role === undefined) await this.#read('reader');
      throw error;
    }
  }

  /** Its files may be gone with the lock: all state is read and written again as at the start. */
  #beginAnew(): void {
    this.#role = undefined;
    this.#log.warn(
      { path: this.#path },
      'the files of the state were removed; what is known is written again',
    );
  }

  async #becomeWriter(): Promise<void> {
    const { path, role } = { path: this.#path, role: this.#role };
    if (role === 'writer') return;
    await this.#read('writer');
    if (role === 'reader') this.#log.info({ path }, 'this process writes the state now');
  }

  async #becomeReader(): Promise<void> {
    if (this.#role === 'reader') return;
    // Unwritten changes are not lost: they are in memory, and are added to the state that the other process has
    // written.
    if (this.#role === 'writer') this.#role = 'reader';
    else await this.#read('reader');
    this.#log.warn({ path: this.#path }, 'another process writes the state; this one only reads it');
  }

  async #read(role: 'writer' | 'reader'): Promise<void> {
    for (const keeper of this.#keepers) await keeper.load(role === 'writer');
    this.#role = role;
  }

  /** Writes as much as can be written. */
  async #write(): Promise<void> {
    const present = await filesIn(this.#path);
    const failures: unknown[] = [];
    for (const keeper of this.#keepers)
      await keeper.write(present).catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }

  #noteSuccess(): void {
    if (this.#isFailing) this.#log.info({ path: this.#path }, 'the state is kept again');
    this.#isFailing = false;
  }

  #noteFailure({ message }: Error): void {
    if (!this.#isFailing)
      this.#log.warn({ path: this.#path, reason: message }, 'the state cannot be kept; serving goes on');
    this.#isFailing = true;
  }
}
