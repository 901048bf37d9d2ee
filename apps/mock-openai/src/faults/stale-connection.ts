import { sendAnswer } from '../exchange/send-answer.ts';
import type { Socket } from 'node:net';
import type { Exchange } from '../exchange/exchange.ts';
import type { Answer } from '../http/answer.ts';

/** Sends an answer, then closes its kept-alive connection: when idle for a time, or at the next request. */
export function sendStale(
  exchange: Exchange,
  answer: Answer,
  at: 'next-request' | 'idle',
  afterMs: number,
): void {
  const { response } = exchange;
  const { socket } = response;
  response.once('finish', () => {
    if (socket === null || socket.destroyed) return;
    if (at === 'next-request') {
      resetAtNextBytes(socket);
      return;
    }
    const timer = setTimeout(() => socket.end(), afterMs);
    socket.once('close', () => clearTimeout(timer));
  });
  sendAnswer(exchange, answer);
}

/** Takes the connection away from the HTTP server, so that the next request is reset before it is read. */
function resetAtNextBytes(socket: Socket): void {
  const reset = () => socket.resetAndDestroy();
  // Node's HTTP parser reads the handle past the stream; the first listener for data on it ends that.
  socket.on('data', reset);
  socket.removeAllListeners('data');
  socket.on('data', reset);
}
