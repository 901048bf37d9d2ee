import { boundaryOf, MAX_PARTS } from './form-field.ts';

/** The headers of a part are a line or two. */
const LONGEST_PART_HEAD = 8192;
const HEAD_END = '\r\n\r\n';

/** Characters that every reader takes literally, in quotes or without; all clients write field names in them. */
const DISPOSITION =
  /^content-disposition: *form-data; *name=(?:"[\w .[\]-]*"|[\w.[\]-]+)(?:; *filename\*?=(?:"(?:[^"\\]|\\.)*"|[^\s;"]+))*$/i;
/**
 * A part's header that affects neither its name nor its value: some readers decode a value that is declared as encoded.
 */
const OTHER =
  /^(?:(?!content-(?:disposition|transfer-encoding|encoding):)[a-z-]+: *[^\r\n]*|content-transfer-encoding: *(?:7bit|8bit|binary))$/i;

/**
 * Returns whether a `multipart/form-data` body (RFC 7578) is so plain that all readers find the same fields: each part
 * has one name, in one spelling, nothing is before, between or after the parts, and there are not too many of them.
 */
export function isPlainForm(body: Buffer, contentType: string): boolean {
  const boundary = boundaryOf(contentType);
  if (boundary === undefined) return false;
  const delimiter = `--${boundary}`;
  if (body.indexOf(delimiter) !== 0 || hasBareDelimiter(body, delimiter)) return false;
  let at = delimiter.length;
  for (let parts = 0; parts <= MAX_PARTS && body.toString('latin1', at, at + 2) === '\r\n'; parts++) {
    if (parts === MAX_PARTS) return false;
    const headEnd = body.indexOf(HEAD_END, at);
    if (headEnd === -1 || headEnd - at > LONGEST_PART_HEAD) return false;
    if (!isPlainHead(body.toString('utf8', at + 2, headEnd))) return false;
    // A part without a value has its delimiter on the blank line itself.
    const end = body.indexOf(`\r\n${delimiter}`, headEnd + 2);
    if (end === -1) return false;
    at = end + 2 + delimiter.length;
  }
  return body.toString('latin1', at, at + 5).trimEnd() === '--' && body.length <= at + 4;
}

function isPlainHead(head: string): boolean {
  const lines = head.split('\r\n');
  const dispositions = lines.filter((line) => DISPOSITION.test(line));
  return dispositions.length === 1 && lines.every((line) => DISPOSITION.test(line) || OTHER.test(line));
}

/** Some readers accept a line that ends without a carriage return. */
function hasBareDelimiter(body: Buffer, delimiter: string): boolean {
  for (let at = body.indexOf(`\n${delimiter}`); at !== -1; at = body.indexOf(`\n${delimiter}`, at + 1))
    if (body[at - 1] !== 0x0d) return true;
  return false;
}
