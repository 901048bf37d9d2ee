import type { ByteRange } from './byte-range.ts';
import { percentDecoded } from './percent-decoded.ts';

/** A part's headers are a line or two. */
const LONGEST_PART_HEAD = 8192;
/** Parts beyond this number are not read, here or by many servers: each costs a microsecond, and no client sends so many. */
export const MAX_PARTS = 1000;

/**
 * Finds the values of a field in a `multipart/form-data` body (RFC 7578) without copying or parsing the files in it: it
 * searches only for boundaries, of the first parts.
 */
export function findFormFields(body: Buffer, contentType: string, name: string): ByteRange[] {
  const boundary = boundaryOf(contentType);
  if (boundary === undefined) return [];
  const delimiter = `--${boundary}`;
  const found: ByteRange[] = [];
  let partAt = body.indexOf(delimiter);
  for (let parts = 0; partAt !== -1 && parts < MAX_PARTS; parts++) {
    const headEnd = body.indexOf('\r\n\r\n', partAt);
    const partEnd = headEnd === -1 ? -1 : body.indexOf(`\r\n${delimiter}`, headEnd + 2);
    if (partEnd === -1) return found;
    const head = body.toString('latin1', partAt, Math.min(headEnd, partAt + LONGEST_PART_HEAD));
    // A part without a value has its delimiter on the blank line itself.
    if (isField(head, name)) found.push({ start: Math.min(headEnd + 4, partEnd), end: partEnd });
    partAt = partEnd + 2;
  }
  return found;
}

/** Returns whether a content type is `multipart/form-data`. */
export function isForm(contentType: string | undefined): contentType is string {
  return contentType !== undefined && /^\s*multipart\/form-data\b/i.test(contentType);
}

/**
 * Returns the boundary of a form from its content type; undefined if there are two, as readers differ in which one
 * counts.
 */
export function boundaryOf(contentType: string): string | undefined {
  const [found, second] = contentType.matchAll(/;\s*boundary=(?:"([^"]+)"|([^\s;]+))/gi);
  return second === undefined ? (found?.[1] ?? found?.[2]) : undefined;
}

/** A name may be written in several ways (RFC 7578, §4.2; RFC 8187; quoted pairs), each of which some reader knows. */
function isField(head: string, name: string): boolean {
  return namesIn(head).includes(name);
}

/** Returns the field name of a form's part, from the part's headers. */
export function fieldOf(head: string): string | undefined {
  return namesIn(head)[0];
}

function namesIn(head: string): string[] {
  const disposition = /^content-disposition:((?:.|\r\n[ \t])*)$/im.exec(head)?.[1] ?? '';
  return [...disposition.matchAll(NAME)].map(([, star, quoted, plain]) => {
    const written = (quoted ?? plain ?? '').replaceAll(/\\(.)/g, '$1');
    const read = star === undefined ? written : percentDecoded(written.replace(/^[^']*'[^']*'/, ''));
    return read.trim().toLowerCase();
  });
}

const NAME = /;\s*name(\*)?\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))/gi;
