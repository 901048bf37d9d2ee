import { playPieces } from '../http/play-pieces.ts';
import type { Answer } from '../http/answer.ts';
import type { Piece } from '../http/play-pieces.ts';
import type { Exchange } from './exchange.ts';

/** Sends an answer in full. */
export function sendAnswer(exchange: Exchange, answer: Answer): void {
  const { response, record, log } = exchange;
  if (answer.kind === 'stream') {
    response.writeHead(200, answer.headers as string[]);
    log.answered(record, 200);
    playPieces(response, answer.frames, () => response.end());
    return;
  }
  writeWholeHead(exchange, answer, true);
  response.end(answer.body);
}

/** How far a cut answer gets, as a number of chunks or bytes of its body, and how it ends there. */
export interface Cut {
  readonly afterChunks?: number | undefined;
  readonly afterBytes?: number | undefined;
  /** As if it were complete, by closing the connection (TCP FIN), by resetting it (TCP RST), or not at all. */
  readonly ending: 'clean' | 'close' | 'reset' | 'none';
}

/** Sends the beginning of an answer, and ends it there. */
export function sendCutAnswer(exchange: Exchange, answer: Answer, cut: Cut): void {
  const { response, record, log } = exchange;
  if (answer.kind === 'stream') {
    response.writeHead(200, answer.headers as string[]);
    log.answered(record, 200);
  } else {
    writeWholeHead(exchange, answer, cut.ending !== 'clean');
  }
  const half = answer.kind === 'whole' && cut.afterBytes === undefined;
  const pieces =
    answer.kind === 'stream'
      ? answer.frames
      : [half ? answer.body.slice(0, answer.body.length / 2) : answer.body];
  response.flushHeaders();
  playPieces(response, cutPieces(pieces, cut), () => endCut(exchange, cut.ending));
}

function endCut(exchange: Exchange, ending: Cut['ending']): void {
  const { response, record, log } = exchange;
  switch (ending) {
    case 'clean':
      response.end();
      return;
    case 'close':
      log.end(record, 'cut');
      response.socket?.end();
      return;
    case 'reset':
      resetSoon(exchange);
      return;
    case 'none':
  }
}

/** Resets the connection once the client has had time to read the data sent. */
export function resetSoon(exchange: Exchange): void {
  // A reset right after data may overtake it: some kernels drop data that the peer has not read yet.
  setTimeout(() => resetConnection(exchange), 10);
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
  const headers = hasLength
    ? [...answer.headers, 'Content-Length', String(Buffer.byteLength(answer.body))]
    : (answer.headers as string[]);
  if (answer.reason === undefined) response.writeHead(answer.status, headers);
  else response.writeHead(answer.status, answer.reason, headers);
  log.answered(record, answer.status);
}

function* cutPieces(
  pieces: Iterable<Piece>,
  { afterChunks = Infinity, afterBytes = Infinity }: Cut,
): Generator<Piece> {
  let chunks = 0;
  let bytes = 0;
  if (chunks >= afterChunks || bytes >= afterBytes) return;
  for (const piece of pieces) {
    if (typeof piece === 'number') {
      yield piece;
      continue;
    }
    const part = Buffer.from(piece).subarray(0, Math.min(afterBytes - bytes, piece.length * 4));
    yield part;
    chunks += 1;
    bytes += part.length;
    if (chunks >= afterChunks || bytes >= afterBytes) return;
  }
}
