import { isForm } from './form-field.ts';

/** A body, with what its request says of it. */
export interface SentBody {
  readonly bytes: Buffer;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  /** Whether `bytes` are what was in it, where it was packed. */
  readonly isUnpacked: boolean;
}

/** Returns whether a reader may find in a body what is not found here: it is still packed, or no text in UTF-8 to everybody. */
export function isHidden(body: SentBody): boolean {
  if (isStillPacked(body)) return true;
  return !isForm(body.contentType) && isEncodedOtherwise(body.bytes, body.contentType);
}

/** Returns whether a body is packed in a way that is not known here. */
export function isStillPacked({
  contentEncoding = '',
  isUnpacked,
}: Pick<SentBody, 'contentEncoding' | 'isUnpacked'>): boolean {
  return !isUnpacked && contentEncoding !== '' && !/^\s*(?:identity)?\s*$/i.test(contentEncoding);
}

/** A charset in which what is ASCII may be written in other bytes; JSON has to be in UTF-8 (RFC 8259, §8.1). */
const OTHER_CHARSET =
  /;\s*charset\s*=\s*(?!["']?(?:utf-?8|(?:us-)?ascii|iso-?8859-?\d+|latin-?\d+|windows-125\d)["']?\s*(?:;|$))/i;
/** How UTF-16 begins with a byte order mark. UTF-32 has one with the same bytes, or with zeros. */
const MARKS: ReadonlySet<number> = new Set([0xfeff, 0xfffe]);

/**
 * Returns whether a reader may take a JSON body for text in another encoding than the bytes show: because its type says so, or by its
 * first bytes, as Python’s `json` does. To whoever reads UTF-8 it then says something else, or nothing.
 */
export function isEncodedOtherwise(body: Buffer, contentType: string | undefined): boolean {
  if (contentType?.includes('=') === true && OTHER_CHARSET.test(contentType)) return true;
  if (body.length < 2) return false;
  // Of a text in JSON, the first two characters are ASCII, or the first is a mark.
  return body[0] === 0 || body[1] === 0 || MARKS.has(body.readUInt16BE(0));
}
