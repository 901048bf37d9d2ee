import { FormReader } from '../body/form-reader.ts';

/** Longer than any id, and than a field with a few of them as JSON. */
const LONGEST_VALUE = 4096;

/** A field of a form that is short enough to refer to objects. */
export interface FormValue {
  /** In lower case, such as `input_reference[file_id]`. */
  readonly name: string;
  readonly value: string;
}

/** Returns the short fields of a `multipart/form-data` body. */
export function formValues(body: Buffer, contentType: string): FormValue[] {
  const values: FormValue[] = [];
  let chunks: Buffer[] = [];
  let length = 0;
  const reader = new FormReader(contentType, {
    write(_, chunk) {
      length += chunk.length;
      if (length <= LONGEST_VALUE) chunks.push(Buffer.from(chunk));
    },
    end(name) {
      if (length <= LONGEST_VALUE) values.push({ name, value: Buffer.concat(chunks).toString().trim() });
      chunks = [];
      length = 0;
    },
  });
  reader.write(body);
  return values;
}
