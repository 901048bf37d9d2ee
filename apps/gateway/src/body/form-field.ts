import type { ByteRange } from './byte-range.ts';

/** A part's headers are a line or two. */
const LONGEST_PART_HEAD = 8192;

/**
 * Finds the value of a field in a `multipart/form-data` body (RFC 7578) without copying or parsing the files beside it:
 * only boundaries are searched for. Answers `undefined` when there is no such field.
 */
export function findFormField(body: Buffer, contentType: string, name: string): ByteRange | undefined {
  const boundary = boundaryOf(contentType);
  if (boundary === undefined) return undefined;
  const delimiter = `--${boundary}`;
  let partAt = body.indexOf(delimiter);
  while (partAt !== -1) {
    const headEnd = body.indexOf('\r\n\r\n', partAt);
    const partEnd = headEnd === -1 ? -1 : body.indexOf(`\r\n${delimiter}`, headEnd + 2);
    if (partEnd === -1) return undefined;
    const head = body.toString('latin1', partAt, Math.min(headEnd, partAt + LONGEST_PART_HEAD));
    // A part without a value has its delimiter on the blank line itself.
    if (isField(head, name)) return { start: Math.min(headEnd + 4, partEnd), end: partEnd };
    partAt = partEnd + 2;
  }
  return undefined;
}

/** Returns whether a content type is `multipart/form-data`. */
export function isForm(contentType: string | undefined): contentType is string {
  return contentType !== undefined && /^\s*multipart\/form-data\b/i.test(contentType);
}

/** Returns what parts a form, as its content type says. */
export function boundaryOf(contentType: string): string | undefined {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? [];
  return quoted ?? plain;
}

function isField(head: string, name: string): boolean {
  return fieldOf(head) === name;
}

/** Returns the name of the field that a part of a form has, by the part's headers. */
export function fieldOf(head: string): string | undefined {
  const disposition = /^content-disposition:(.*)$/im.exec(head)?.[1] ?? '';
  const [, quoted, plain] = /;\s*name=(?:"([^"]*)"|([^\s;]+))/i.exec(disposition) ?? [];
  return quoted ?? plain;
}
