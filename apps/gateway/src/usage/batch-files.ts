import type { BatchDemand } from './batch-lines.ts';

/** A file that batches may be made from. */
interface KnownFile {
  /** The demand of its lines; undefined if this process did not see the upload. */
  readonly demand: BatchDemand | undefined;
  /** Whether the batch that the upload paid for was made. */
  isUsed: boolean;
}

/** Beyond this the oldest are forgotten. */
const MAX_FILES = 100_000;

/** The files that batches are made from. The upload of a file pays for its first batch; each further one is charged. */
export class BatchFiles {
  readonly #files = new Map<string, KnownFile>();

  /** Remembers a file whose upload was charged. */
  remember(id: string, demand: BatchDemand | undefined): KnownFile {
    const file = { demand, isUsed: false };
    this.#files.delete(id);
    this.#files.set(id, file);
    if (this.#files.size > MAX_FILES) {
      const [oldest = ''] = this.#files.keys();
      this.#files.delete(oldest);
    }
    return file;
  }

  /**
   * Returns the demand to charge for a batch from a file: `paid` for the first one, else that of its lines; `unknown` if
   * the upload was never seen here, or too long ago.
   */
  begin(id: string): BatchDemand | 'paid' | 'unknown' {
    const file = this.#files.get(id) ?? this.remember(id, undefined);
    if (file.isUsed) return file.demand ?? 'unknown';
    file.isUsed = true;
    return 'paid';
  }

  /** Notes that the first batch was not made after all. */
  takeBack(id: string): void {
    const file = this.#files.get(id);
    if (file !== undefined) file.isUsed = false;
  }
}
