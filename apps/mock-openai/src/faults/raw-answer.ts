import { STATUS_CODES } from 'node:http';
import type { Answer } from '../http/answer.ts';
import type { Piece } from '../http/play-pieces.ts';

/** Writes the status line and the headers of an answer as sent on the wire; its connection closes at its end. */
export function rawHead(answer: Answer): string {
  const isStream = answer.kind === 'stream';
  const status = isStream ? 200 : answer.status;
  const reason = (isStream ? undefined : answer.reason) ?? STATUS_CODES[status] ?? 'Unknown';
  const length = isStream
    ? ['Transfer-Encoding', 'chunked']
    : ['Content-Length', String(Buffer.byteLength(answer.body))];
  const headers = [...answer.headers, 'Date', new Date().toUTCString(), 'Connection', 'close', ...length];
  let head = `HTTP/1.1 ${status} ${reason}\r\n`;
  for (let index = 0; index < headers.length; index += 2)
    head += `${headers[index]}: ${headers[index + 1]}\r\n`;
  return `${head}\r\n`;
}

/** Writes a complete answer as sent on the wire, with its pauses. */
export function* rawAnswer(answer: Answer): Generator<Piece> {
  yield Buffer.from(rawHead(answer), 'latin1');
  if (answer.kind === 'whole') {
    yield answer.body;
    return;
  }
  for (const frame of answer.frames) {
    yield typeof frame === 'number' ? frame : `${Buffer.byteLength(frame).toString(16)}\r\n${frame}\r\n`;
  }
  yield '0\r\n\r\n';
}

/** Cuts the bytes on the wire into parts of this size, with a pause between them. */
export function* dripped(pieces: Iterable<Piece>, bytes: number, everyMs: number): Generator<Piece> {
  for (const piece of pieces) {
    if (typeof piece === 'number') {
      yield piece;
      continue;
    }
    const whole = Buffer.from(piece);
    for (let start = 0; start < whole.length; start += bytes) {
      yield whole.subarray(start, start + bytes);
      yield everyMs;
    }
  }
}
