import { resetSoon } from '../exchange/send-answer.ts';
import { playPieces } from '../http/play-pieces.ts';
import { dripped, rawAnswer, rawHead } from './raw-answer.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Answer } from '../http/answer.ts';

/** Sends an answer a few bytes at a time, headers included, then closes the connection. */
export function dripAnswer(exchange: Exchange, answer: Answer, bytes: number, everyMs: number): void {
  const { response, record, log } = exchange;
  const { socket } = response;
  if (socket === null) return;
  log.answered(record, answer.kind === 'whole' ? answer.status : 200);
  playPieces(socket, dripped(rawAnswer(answer), bytes, everyMs), () => {
    log.end(record, 'answered');
    socket.end();
  });
}

/** Sends the first bytes of an answer's status line and headers, then resets the connection. */
export function resetInHead(exchange: Exchange, answer: Answer, afterBytes: number): void {
  exchange.response.socket?.write(rawHead(answer).slice(0, afterBytes), 'latin1');
  resetSoon(exchange);
}

/** Sends bytes that are not HTTP, then closes the connection. */
export function sendGarbage({ response, record, log }: Exchange, text: string): void {
  log.end(record, 'cut');
  response.socket?.end(text);
}
