/** A charset other than that of all JSON (RFC 8259, §8.1), and than its part that is ASCII. */
const OTHER_CHARSET = /;\s*charset\s*=\s*(?!["']?(?:utf-?8|(?:us-)?ascii)["']?\s*(?:;|$))/i;
/** How UTF-16 begins with a byte order mark. UTF-32 has one with the same bytes, or with zeros. */
const MARKS: ReadonlySet<number> = new Set([0xfeff, 0xfffe]);

/**
 * Returns whether a reader may take a JSON body for text in another encoding than UTF-8: because its type says so, or by its
 * first bytes, as Python’s `json` does. To whoever reads UTF-8 it then says something else, or nothing.
 */
export function isEncodedOtherwise(body: Buffer, contentType: string | undefined): boolean {
  if (contentType?.includes('=') === true && OTHER_CHARSET.test(contentType)) return true;
  if (body.length < 2) return false;
  // Of a text in JSON, the first two characters are ASCII, or the first is a mark.
  return body[0] === 0 || body[1] === 0 || MARKS.has(body.readUInt16BE(0));
}
