const headEndMark = '\r\n\r\n';

/** Returns where the first HTTP/1.1 message in `bytes` ends, or `undefined` while a part of it is missing. */
export function messageEnd(bytes: Buffer): number | undefined {
  const headEnd = bytes.indexOf(headEndMark);
  if (headEnd === -1) return undefined;
  const bodyStart = headEnd + headEndMark.length;
  const head = bytes.toString('latin1', 0, headEnd);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) {
    const end = bodyStart + Number(length);
    return end <= bytes.length ? end : undefined;
  }
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) return bodyStart;
  // The bodies here are our own JSON or SSE: they never contain the mark of the last chunk.
  const lastChunk = bytes.indexOf('0\r\n\r\n', bodyStart);
  return lastChunk === -1 ? undefined : lastChunk + 5;
}
