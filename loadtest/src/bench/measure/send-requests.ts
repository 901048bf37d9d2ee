import { connect } from 'node:net';
import type { RequestOf } from '../backend/canned-messages.ts';
import { messageEnd } from '../backend/message-end.ts';

/** The result of a run of requests. */
export interface RequestRun {
  readonly requests: number;
  readonly failed: number;
  readonly elapsedMs: number;
}

const idleLimitMs = 10_000;

/**
 * Sends `requests` chat completions to `url` over kept-alive connections, each as soon as the one before is answered. A
 * raw socket per connection: a full HTTP client would use more time than the measured proxies.
 *
 * @param requestOf makes a connection's request from the host and the connection's number
 */
export async function sendRequests(
  url: string,
  connections: number,
  requests: number,
  requestOf: RequestOf,
): Promise<RequestRun> {
  const startedMs = performance.now();
  const run = { toSend: requests, failed: 0 };
  const target = new URL(url);
  await Promise.all(
    Array.from({ length: connections }, (_, index) => drive(target, requestOf(target.host, index), run)),
  );
  return { requests, failed: run.failed + run.toSend, elapsedMs: performance.now() - startedMs };
}

function drive(target: URL, request: Buffer, run: { toSend: number; failed: number }): Promise<void> {
  const buffer = Buffer.allocUnsafe(64 * 1024);
  return new Promise((resolve) => {
    let held = 0;
    const sendNext = (): void => {
      if (run.toSend === 0) {
        socket.end();
        return;
      }
      run.toSend -= 1;
      socket.write(request);
    };
    const take = (count: number, bytes: Uint8Array): boolean => {
      buffer.set(bytes.subarray(0, count), held);
      held += count;
      const end = messageEnd(buffer.subarray(0, held));
      if (end === undefined) return true;
      if (buffer.toString('latin1', 9, 12) !== '200') run.failed += 1;
      held = 0;
      sendNext();
      return true;
    };
    const socket = connect({
      host: target.hostname,
      port: Number(target.port),
      noDelay: true,
      onread: { buffer: Buffer.allocUnsafe(16 * 1024), callback: take },
    });
    socket.setTimeout(idleLimitMs, () => socket.destroy(new Error('no answer')));
    socket.once('connect', sendNext);
    socket.once('error', () => {
      run.failed += 1;
    });
    socket.once('close', () => resolve());
  });
}
