import { playPieces } from './play-pieces.ts';
import type { Answer } from './answer.ts';
import type { Exchange } from './exchange.ts';

/** Sends an answer in full, a stream with `chunkDelayMs` between its chunks. */
export function sendAnswer(exchange: Exchange, answer: Answer, chunkDelayMs = 0): void {
  const { response, record, log } = exchange;
  if (answer.kind === 'stream') {
    response.writeHead(200, answer.headers as string[]);
    log.answered(record, 200);
    playPieces(response, answer.frames, chunkDelayMs, () => response.end());
    return;
  }
  writeWholeHead(exchange, answer, true);
  response.end(answer.body);
}

/** How far a cut answer gets: so many chunks or bytes of its body. */
export interface Cut {
  readonly afterChunks?: number | undefined;
  readonly afterBytes?: number | undefined;
  /** Whether the cut looks like the answer's proper end. */
  readonly isClean: boolean;
}

/** Sends the beginning of an answer, then ends it as if it were whole, or resets the connection. */
export function sendCutAnswer(exchange: Exchange, answer: Answer, cut: Cut, chunkDelayMs = 0): void {
  const { response, record, log } = exchange;
  if (answer.kind === 'stream') {
    response.writeHead(200, answer.headers as string[]);
    log.answered(record, 200);
  } else {
    writeWholeHead(exchange, answer, !cut.isClean);
  }
  const half = answer.kind === 'whole' && cut.afterBytes === undefined;
  const pieces =
    answer.kind === 'stream'
      ? answer.frames
      : [half ? answer.body.slice(0, answer.body.length / 2) : answer.body];
  response.flushHeaders();
  playPieces(response, cutPieces(pieces, cut), chunkDelayMs, () => {
    if (cut.isClean) response.end();
    // A reset on the heels of data may overtake it: some kernels drop what the peer has not read yet.
    else setTimeout(() => resetConnection(exchange), 10);
  });
}

/** Resets the connection (TCP RST). */
export function resetConnection({ response, record, log }: Exchange): void {
  log.end(record, 'cut');
  response.socket?.resetAndDestroy();
}

function writeWholeHead(
  exchange: Exchange,
  answer: Extract<Answer, { kind: 'whole' }>,
  hasLength: boolean,
): void {
  const { response, record, log } = exchange;
  const headers = [...answer.headers];
  if (hasLength) headers.push('Content-Length', String(Buffer.byteLength(answer.body)));
  if (answer.reason === undefined) response.writeHead(answer.status, headers);
  else response.writeHead(answer.status, answer.reason, headers);
  log.answered(record, answer.status);
}

function* cutPieces(
  pieces: Iterable<string>,
  { afterChunks = Infinity, afterBytes = Infinity }: Cut,
): Generator<Buffer> {
  let chunks = 0;
  let bytes = 0;
  for (const piece of pieces) {
    if (chunks >= afterChunks || bytes >= afterBytes) return;
    const part = Buffer.from(piece).subarray(0, Math.min(afterBytes - bytes, piece.length * 4));
    yield part;
    chunks += 1;
    bytes += part.length;
  }
}
