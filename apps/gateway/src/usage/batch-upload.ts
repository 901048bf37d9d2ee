import { setImmediate as nextTurn } from 'node:timers/promises';
import { findFormFields } from '../body/form-field.ts';
import { FormReader } from '../body/form-reader.ts';
import type { BatchDemand } from './batch-demand.ts';
import { BatchLines } from './batch-lines.ts';

/** Longer than the name of any purpose. */
const LONGEST_PURPOSE = 64;
/** Read at a time, so that other requests get their turn. */
const TURN_BYTES = 65_536;

/**
 * Reads the upload of a file as it arrives: the fields of its form may be in any order, so only its end shows whether
 * it is a batch file.
 */
export class BatchUpload {
  readonly #lines: BatchLines;
  readonly #form: FormReader;
  #purpose = '';
  #isForBatches = false;

  /**
   * @param contentType of its form
   * @param maxOutputTokens the limit on all answers of a line together; undefined for none
   */
  constructor(contentType: string | undefined, maxOutputTokens?: number) {
    this.#lines = new BatchLines(maxOutputTokens);
    this.#form = new FormReader(contentType, {
      write: (field, chunk) => this.#write(field, chunk),
      end: (field) => this.#end(field),
    });
  }

  /** Reads the next bytes; the body must not be packed. */
  write(chunk: Buffer): void {
    this.#form.write(chunk);
  }

  /** Returns the demand of its lines; undefined if it is not a batch file. */
  end(): BatchDemand | undefined {
    return this.#isForBatches ? this.#lines.end() : undefined;
  }

  #write(field: string, chunk: Buffer): void {
    if (field === 'file') this.#lines.write(chunk);
    else if (field === 'purpose' && this.#purpose.length <= LONGEST_PURPOSE)
      this.#purpose += chunk.toString('latin1', 0, LONGEST_PURPOSE + 1);
  }

  /** Of several purposes, one for batches counts. */
  #end(field: string): void {
    if (field !== 'purpose') return;
    this.#isForBatches ||= isForBatches(this.#purpose);
    this.#purpose = '';
  }
}

/** Returns whether a purpose is that of a batch file, in any letter case. */
export function isForBatches(purpose: string): boolean {
  return purpose.trim().toLowerCase() === 'batch';
}

/** Returns whether a form says that its file is a batch file, as far as it is kept; undefined if no purpose is. */
export function saysForBatches(form: Buffer, contentType: string): boolean | undefined {
  const purposes = findFormFields(form, contentType, 'purpose');
  if (purposes.length === 0) return undefined;
  return purposes.some(({ start, end }) => isForBatches(form.toString('utf8', start, end)));
}

/** Returns the demand of the lines of a kept upload, read in several turns; undefined if it is not a batch file. */
export async function readBatchUpload(
  body: Buffer,
  contentType: string | undefined,
  maxOutputTokens?: number,
): Promise<BatchDemand | undefined> {
  const upload = new BatchUpload(contentType, maxOutputTokens);
  for (let at = 0; at < body.length; at += TURN_BYTES) {
    if (at > 0) await nextTurn();
    upload.write(body.subarray(at, at + TURN_BYTES));
  }
  return upload.end();
}
