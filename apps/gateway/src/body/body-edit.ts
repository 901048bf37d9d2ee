import type { ByteRange } from './byte-range.ts';

/** A replacement for a range of a body; an empty range is a place between two bytes. */
export interface BodyEdit extends ByteRange {
  readonly text: string;
}

/** Returns a body with its edits, which do not overlap; all other bytes are unchanged. */
export function editBody(body: Buffer, edits: readonly BodyEdit[]): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (const { start, end, text } of inOrder(edits)) {
    parts.push(body.subarray(at, start), Buffer.from(text));
    at = end;
  }
  return Buffer.concat([...parts, body.subarray(at)]);
}

/** Returns the position of a range, which no edit touches, after the edits. */
export function shiftRange({ start, end }: ByteRange, edits: readonly BodyEdit[]): ByteRange {
  let shift = 0;
  for (const edit of edits)
    if (edit.end <= start) shift += Buffer.byteLength(edit.text) - (edit.end - edit.start);
  return { start: start + shift, end: end + shift };
}

function inOrder(edits: readonly BodyEdit[]): BodyEdit[] {
  return [...edits].sort((a, b) => a.start - b.start);
}
