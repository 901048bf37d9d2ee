import { FormReader } from '../body/form-reader.ts';
import { type BatchDemand, BatchLines } from './batch-lines.ts';

/** Longer than the name of any purpose. */
const LONGEST_PURPOSE = 64;

/**
 * Reads the upload of a file as it comes: the fields of its form may be in any order, so that only its end tells whether it is for
 * batches.
 */
export class BatchUpload {
  readonly #lines: BatchLines;
  readonly #form: FormReader;
  #purpose = '';
  #isForBatches = false;

  /**
   * @param contentType of its form
   * @param maxOutputTokens what all answers of a line may have together; undefined for as much as it likes
   */
  constructor(contentType: string | undefined, maxOutputTokens?: number) {
    this.#lines = new BatchLines(maxOutputTokens);
    this.#form = new FormReader(contentType, {
      write: (field, chunk) => this.#write(field, chunk),
      end: (field) => this.#end(field),
    });
  }

  /** Reads on; the body must not be packed. */
  write(chunk: Buffer): void {
    this.#form.write(chunk);
  }

  /** Returns what its lines ask for; undefined if it is not for batches. */
  end(): BatchDemand | undefined {
    return this.#isForBatches ? this.#lines.end() : undefined;
  }

  #write(field: string, chunk: Buffer): void {
    if (field === 'file') this.#lines.write(chunk);
    else if (field === 'purpose' && this.#purpose.length <= LONGEST_PURPOSE)
      this.#purpose += chunk.toString('latin1', 0, LONGEST_PURPOSE + 1);
  }

  /** Of several purposes, one that is for batches counts. */
  #end(field: string): void {
    if (field !== 'purpose') return;
    this.#isForBatches ||= this.#purpose.trim() === 'batch';
    this.#purpose = '';
  }
}

/** Returns what the lines of a kept upload of a file ask for; undefined if it is not for batches. */
export function readBatchUpload(
  body: Buffer,
  contentType: string | undefined,
  maxOutputTokens?: number,
): BatchDemand | undefined {
  const upload = new BatchUpload(contentType, maxOutputTokens);
  upload.write(body);
  return upload.end();
}
