import type { Log } from '../telemetry/log.ts';
import { KeptFile } from './kept-file.ts';
import type { Keeper, StatePart } from './state-part.ts';

/** Keeps one part in one file. */
export class PartKeeper implements Keeper {
  readonly #part: StatePart;
  readonly #file: KeptFile;
  /** The content of the file, as far as it is known. */
  #known: unknown;
  #written: string | undefined;

  constructor(folder: string, part: StatePart, log: Log) {
    this.#part = part;
    this.#file = new KeptFile(folder, part.name, log);
  }

  async load(isWriter: boolean): Promise<void> {
    await this.#file.read(isWriter, (value) => {
      this.#part.restore(value, this.#known);
      this.#known = value;
    });
    this.#written = undefined;
  }

  async write(present: ReadonlySet<string>): Promise<void> {
    if (this.#written !== undefined && this.#file.isGone(present)) this.#written = undefined;
    const json = JSON.stringify(this.#part.save());
    if (json === this.#written) return;
    await this.#file.write(json);
    this.#written = json;
    this.#known = JSON.parse(json);
  }
}
