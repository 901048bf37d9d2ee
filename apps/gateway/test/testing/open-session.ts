import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { onTestFinished } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';

/** The path of a realtime session on v1. */
export const realtimePath = '/openai/v1/realtime?model=gpt-realtime';

/** A client of a realtime session. */
export interface SessionClient {
  readonly socket: WebSocket;
  /** The answer to the upgrade. */
  readonly response: IncomingMessage;
  /** Resolves when it is over, with its code and reason; 1006 is a broken connection. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  /** Waits for the next frame. */
  next(): Promise<{ readonly data: Buffer; readonly isBinary: boolean }>;
}

/** Opens a realtime session, until the test ends. Rejects when it is refused. */
export async function openSession(
  { url }: { readonly url: string },
  path: string = realtimePath,
  options: ClientOptions & { protocols?: string[] } = {},
): Promise<SessionClient> {
  const socket = new WebSocket(url.replace('http', 'ws') + path, options.protocols, options);
  onTestFinished(() => socket.terminate());
  const frames: { data: Buffer; isBinary: boolean }[] = [];
  const waiters: ((frame: { data: Buffer; isBinary: boolean }) => void)[] = [];
  socket.on('message', (data: Buffer, isBinary) => {
    const waiter = waiters.shift();
    if (waiter === undefined) frames.push({ data, isBinary });
    else waiter({ data, isBinary });
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  const upgraded = once(socket, 'upgrade');
  await once(socket, 'open');
  const [response] = (await upgraded) as [IncomingMessage];
  const next = async () => frames.shift() ?? (await new Promise<(typeof frames)[0]>((r) => waiters.push(r)));
  return { socket, response, closed, next };
}

/** Requests a realtime session that is refused, and returns the refusal. */
export async function refusedSession(
  { url }: { readonly url: string },
  path: string = realtimePath,
  options: ClientOptions = {},
): Promise<{ readonly response: IncomingMessage; readonly body: string }> {
  const socket = new WebSocket(url.replace('http', 'ws') + path, options);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return { response, body };
}
