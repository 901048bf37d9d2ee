import { fingerprintOf, readFiles } from '../config/file-reading.ts';

/** The files that a refused configuration names, where only these are wrong: it may become right when they change. */
export class AwaitedFiles {
  #paths: readonly string[] = [];
  #seen = '';

  /** Waits for these files instead. */
  replace(paths: readonly string[]): void {
    this.#paths = paths;
    this.#seen = '';
  }

  /** Returns whether one of them may have changed since the last call, or since it is awaited. */
  async haveChanged(): Promise<boolean> {
    if (this.#paths.length === 0) return false;
    const seen = fingerprintOf(await readFiles(this.#paths));
    if (seen === this.#seen) return false;
    this.#seen = seen;
    return true;
  }
}
