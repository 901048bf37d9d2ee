import { isForm } from './form-field.ts';

/** A body, and its description in the request. */
export interface SentBody {
  readonly bytes: Buffer;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  /** Whether `bytes` are the unpacked content of a packed body. */
  readonly isUnpacked: boolean;
}

/**
 * Returns whether a reader may find something in a body that is not found here: it is still packed, or not every reader
 * takes it for UTF-8.
 */
export function isHidden(body: SentBody): boolean {
  if (isStillPacked(body)) return true;
  return !isForm(body.contentType) && isEncodedOtherwise(body.bytes, body.contentType);
}

/** Returns whether a body is packed in a way that is unknown here. */
export function isStillPacked({
  contentEncoding = '',
  isUnpacked,
}: Pick<SentBody, 'contentEncoding' | 'isUnpacked'>): boolean {
  const coding = contentEncoding.trim().toLowerCase();
  return !isUnpacked && coding !== '' && coding !== 'identity';
}

/** A charset in which ASCII text may have other bytes. JSON has to be in UTF-8 (RFC 8259, §8.1). */
const OTHER_CHARSET =
  /;\s*charset\s*=\s*(?!["']?(?:utf-?8|(?:us-)?ascii|iso-?8859-?\d+|latin-?\d+|windows-125\d)["']?\s*(?:;|$))/i;
/** UTF-16's byte order marks. UTF-32 has the same bytes, or begins with zeros. */
const MARKS: ReadonlySet<number> = new Set([0xfeff, 0xfffe]);

/**
 * Returns whether a reader may decode a JSON body in another encoding than UTF-8: because of its content type, or by
 * its first bytes, as Python’s `json` does. That reader may then see something else than a reader of UTF-8.
 */
export function isEncodedOtherwise(body: Buffer, contentType: string | undefined): boolean {
  if (contentType?.includes('=') === true && OTHER_CHARSET.test(contentType)) return true;
  if (body.length < 2) return false;
  // In JSON text the first two characters are ASCII, or the first is a byte order mark.
  return body[0] === 0 || body[1] === 0 || MARKS.has(body.readUInt16BE(0));
}
