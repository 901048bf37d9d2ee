import { connect } from 'node:net';
import { chatRequest } from './chat-request.ts';

/** What a round of requests took. */
export interface RequestRound {
  readonly failed: number;
  readonly elapsedMs: number;
}

const idleLimitMs = 10_000;

/**
 * Sends plain chat completions over kept-alive connections, each as soon as the one before is answered: over raw
 * sockets, for an HTTP client would cost more than the server.
 */
export async function sendRequests(
  url: string,
  connections: number,
  requests: number,
): Promise<RequestRound> {
  const startedMs = performance.now();
  const round = { toSend: requests, failed: 0 };
  await Promise.all(Array.from({ length: connections }, () => drive(new URL(url), round)));
  return { failed: round.failed + round.toSend, elapsedMs: performance.now() - startedMs };
}

function drive(target: URL, round: { toSend: number; failed: number }): Promise<void> {
  const request = chatRequest(target.host, false, 100);
  const held = Buffer.allocUnsafe(64 * 1024);
  const read = Buffer.allocUnsafe(16 * 1024);
  return new Promise((resolve) => {
    let length = 0;
    const sendNext = () => {
      if (round.toSend === 0) {
        socket.end();
        return;
      }
      round.toSend -= 1;
      socket.write(request);
    };
    const take = (count: number): boolean => {
      length += read.copy(held, length, 0, count);
      if (!isWhole(held.subarray(0, length))) return true;
      if (held.toString('latin1', 9, 12) !== '200') round.failed += 1;
      length = 0;
      sendNext();
      return true;
    };
    const { hostname: host, port } = target;
    const onread = { buffer: read, callback: take };
    const socket = connect({ host, port: Number(port), noDelay: true, onread });
    socket.setTimeout(idleLimitMs, () => socket.destroy(new Error('no answer')));
    socket.once('connect', sendNext);
    socket.once('error', () => (round.failed += 1));
    socket.once('close', () => resolve());
  });
}

function isWhole(bytes: Buffer): boolean {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return false;
  const length = /\r\ncontent-length: *(\d+)/i.exec(bytes.toString('latin1', 0, headEnd))?.[1];
  return headEnd + 4 + Number(length) <= bytes.length;
}
