import { constants, createGzip, gzipSync } from 'node:zlib';
import { sendAnswer } from '../exchange/send-answer.ts';
import { playPieces } from '../http/play-pieces.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Answer } from '../http/answer.ts';

/** Sends an answer with `Content-Encoding: gzip`; each part of a stream can be decompressed as soon as it is sent. */
export function sendGzipped(exchange: Exchange, answer: Answer): void {
  const headers = [...answer.headers, 'Content-Encoding', 'gzip'];
  if (answer.kind === 'whole') {
    sendAnswer(exchange, { ...answer, headers, body: gzipSync(answer.body) });
    return;
  }
  const { response, record, log } = exchange;
  response.writeHead(200, headers);
  log.answered(record, 200);
  const packer = createGzip({ flush: constants.Z_SYNC_FLUSH });
  packer.pipe(response);
  response.once('close', () => packer.destroy());
  playPieces(packer, answer.frames, () => packer.end());
}
