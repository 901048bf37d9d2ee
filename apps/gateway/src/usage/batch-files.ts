import type { BatchDemand } from './batch-demand.ts';

/** A file whose upload was charged. */
interface PaidFile {
  /** The demand of its lines. */
  readonly demand: BatchDemand;
  /** Whether the batch that the upload paid for was made. */
  isUsed: boolean;
}

/** Beyond this the oldest are forgotten. */
const MAX_FILES = 100_000;

/** The files that batches are made from. The upload of a file pays for its first batch; each further one is charged. */
export class BatchFiles {
  readonly #paid = new Map<string, PaidFile>();
  /**
   * Files whose upload was never seen here, or too long ago, and which have had their batch. Apart from the others, as
   * any client can name such files without having sent one.
   */
  readonly #unseen = new Set<string>();

  /** Remembers a file whose upload was charged. */
  remember(id: string, demand: BatchDemand): void {
    this.#paid.delete(id);
    this.#paid.set(id, { demand, isUsed: false });
    forgetOldest(this.#paid);
  }

  /**
   * Returns the demand to charge for a batch from a file: `paid` for the first one, else that of its lines; `unknown` if
   * the upload was never seen here, or too long ago.
   */
  begin(id: string): BatchDemand | 'paid' | 'unknown' {
    const file = this.#paid.get(id);
    if (file === undefined) return this.#beginUnseen(id);
    if (file.isUsed) return file.demand;
    file.isUsed = true;
    return 'paid';
  }

  /** Notes that the first batch was not made after all. */
  refund(id: string): void {
    const file = this.#paid.get(id);
    if (file === undefined) this.#unseen.delete(id);
    else file.isUsed = false;
  }

  #beginUnseen(id: string): 'paid' | 'unknown' {
    if (this.#unseen.has(id)) return 'unknown';
    this.#unseen.add(id);
    forgetOldest(this.#unseen);
    return 'paid';
  }
}

function forgetOldest(files: Map<string, unknown> | Set<string>): void {
  if (files.size <= MAX_FILES) return;
  const [oldest = ''] = files.keys();
  files.delete(oldest);
}
