import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { IncomingMessage } from 'node:http';
import type { ClientOptions } from 'ws';
import type { Mock } from '../../src/mock.ts';

/** The paths for sessions: classic, and on v1. */
export const previewPath = '/openai/realtime?api-version=2025-04-01-preview&deployment=gpt-4o-realtime';
export const v1Path = '/openai/v1/realtime?model=gpt-realtime';

/** An event of the server, as far as tests read it. */
export type Event = Readonly<Record<string, unknown>> & { readonly type: string };

/** A session's client. */
export interface SessionClient {
  readonly socket: WebSocket;
  /** Resolves with the close code and reason of the session. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  send(event: object | string): void;
  /** Resolves with the next frame, as text. */
  nextFrame(): Promise<string>;
  nextEvent(): Promise<Event>;
  /** Resolves with all events up to the first of a type. */
  eventsUntil(type: string): Promise<Event[]>;
}

/** Opens a session that is accepted. */
export async function openSession(
  mock: Pick<Mock, 'url'>,
  path: string = previewPath,
  options: ClientOptions = {},
): Promise<SessionClient> {
  const socket = new WebSocket(mock.url.replace('http', 'ws') + path, options);
  const frames: string[] = [];
  const waiting: ((frame: string) => void)[] = [];
  socket.on('message', (data: Buffer) => {
    const next = waiting.shift();
    if (next === undefined) frames.push(data.toString());
    else next(data.toString());
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  await once(socket, 'open');
  const nextFrame = () => {
    const frame = frames.shift();
    return frame === undefined
      ? new Promise<string>((resolve) => waiting.push(resolve))
      : Promise.resolve(frame);
  };
  const nextEvent = async () => JSON.parse(await nextFrame()) as Event;
  return {
    socket,
    closed,
    send: (event) => socket.send(typeof event === 'string' ? event : JSON.stringify(event)),
    nextFrame,
    nextEvent,
    async eventsUntil(type) {
      const events = [await nextEvent()];
      while (events.at(-1)?.type !== type) events.push(await nextEvent());
      return events;
    },
  };
}

/** Asks for a session that is refused; resolves with the HTTP answer. */
export async function refusedSession(
  mock: Pick<Mock, 'url'>,
  path: string = previewPath,
  options: ClientOptions = {},
): Promise<{ readonly response: IncomingMessage; readonly body: string }> {
  const socket = new WebSocket(mock.url.replace('http', 'ws') + path, options);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { response, body: Buffer.concat(chunks).toString() };
}
