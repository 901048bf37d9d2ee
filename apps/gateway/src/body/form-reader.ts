import { boundaryOf, fieldOf, MAX_PARTS } from './form-field.ts';

/** The receiver of a form's parts. */
export interface FormParts {
  /** Receives some bytes of a field. */
  write(field: string, chunk: Buffer): void;
  /** Called at the end of a field. */
  end(field: string): void;
}

/** The headers of a part are a line or two; a part with longer ones is not searched. */
const LONGEST_PART_HEAD = 8192;
const HEAD_END = Buffer.from('\r\n\r\n');
const NOTHING = Buffer.alloc(0);

/**
 * Reads the parts of a `multipart/form-data` body (RFC 7578) as it arrives, in chunks that may end anywhere, and
 * buffers only part heads. Of very many parts it reads only the first.
 */
export class FormReader {
  readonly #parts: FormParts;
  readonly #delimiter: Buffer;
  /** The possible beginning of a delimiter, or of an incomplete head. */
  #rest: Buffer = Buffer.from('\r\n');
  #state: 'preamble' | 'head' | 'field' | 'over' = 'preamble';
  #field = '';
  #count = 0;

  /** @param contentType its header; a body that is no form is not read */
  constructor(contentType: string | undefined, parts: FormParts) {
    const boundary = boundaryOf(contentType ?? '');
    this.#parts = parts;
    this.#delimiter = Buffer.from(`\r\n--${boundary ?? ''}`, 'latin1');
    if (boundary === undefined) this.#state = 'over';
  }

  write(chunk: Buffer): void {
    if (this.#state === 'over') return;
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    let next: number | undefined = 0;
    while (next !== undefined) {
      at = next;
      next = this.#state === 'head' ? this.#readHead(bytes, at) : this.#readField(bytes, at);
    }
    if (this.#state !== 'field' && this.#state !== 'preamble') {
      this.#rest = Buffer.from(bytes.subarray(at));
      return;
    }
    const kept = Math.max(at, bytes.length - this.#delimiter.length + 1);
    if (this.#state === 'field' && kept > at) this.#parts.write(this.#field, bytes.subarray(at, kept));
    this.#rest = Buffer.from(bytes.subarray(kept));
  }

  /** Returns where a part's head ends; undefined if it does not yet, or there is no further part. */
  #readHead(bytes: Buffer, at: number): number | undefined {
    const end = bytes.indexOf(HEAD_END, at);
    if (
      this.#count === MAX_PARTS ||
      bytes.toString('latin1', at, at + 2) === '--' ||
      (end === -1 && bytes.length - at > LONGEST_PART_HEAD)
    ) {
      this.#state = 'over';
      this.#rest = NOTHING;
      return undefined;
    }
    if (end === -1) return undefined;
    this.#field = fieldOf(bytes.toString('latin1', at, end)) ?? '';
    this.#state = 'field';
    this.#count++;
    // A part without a value has its delimiter on the blank line itself.
    return end + 2;
  }

  /** Returns where the delimiter at the end of a field ends; undefined if there is none yet. */
  #readField(bytes: Buffer, at: number): number | undefined {
    if (this.#state === 'over') return undefined;
    const end = bytes.indexOf(this.#delimiter, at);
    if (end === -1) return undefined;
    if (this.#state === 'field') {
      if (end > at) this.#parts.write(this.#field, bytes.subarray(at, end));
      this.#parts.end(this.#field);
    }
    this.#state = 'head';
    return end + this.#delimiter.length;
  }
}
