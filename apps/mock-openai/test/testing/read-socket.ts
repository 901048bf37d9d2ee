import { connect } from 'node:net';
import { chatBody, chatPath } from './post.ts';
import type { Mock } from '../../src/mock.ts';

/** The data of a bare socket, and how it ended: the error's code, `FIN` for a proper end, `open` if it did not. */
export interface Wire {
  readonly text: string;
  readonly end: string;
}

/** A connection that is written to and read from as bytes. */
export interface Wiretap {
  readonly text: () => string;
  /** Resolves when it has connected, or could not. */
  readonly connected: Promise<void>;
  /** Posts JSON as a chat completion. */
  post(body?: object): void;
  /** Resolves when the received data contains this. */
  has(part: string): Promise<string>;
  /** Resolves when the mock has ended it, with all received data. */
  readonly ended: Promise<Wire>;
  leave(): void;
}

/** Opens a bare connection to a mock. */
export function tap(mock: Pick<Mock, 'url'>): Wiretap {
  const { port, hostname } = new URL(mock.url);
  const socket = connect(Number(port), hostname);
  const connected = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<Wire>();
  const waiters = new Set<() => void>();
  let text = '';
  let end = 'open';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
    for (const look of waiters) look();
  });
  socket.on('connect', () => connected.resolve());
  socket.on('end', () => (end = 'FIN'));
  socket.on('error', (error: NodeJS.ErrnoException) => (end = error.code ?? error.message));
  socket.on('close', () => {
    connected.resolve();
    ended.resolve({ text, end });
  });
  return {
    text: () => text,
    connected: connected.promise,
    ended: ended.promise,
    post(body = chatBody) {
      const json = JSON.stringify(body);
      socket.write(`POST ${chatPath} HTTP/1.1\r\nHost: x\r\nContent-Length: ${json.length}\r\n\r\n${json}`);
    },
    has(part) {
      const found = Promise.withResolvers<string>();
      const look = () => {
        if (!text.includes(part)) return;
        waiters.delete(look);
        found.resolve(text);
      };
      waiters.add(look);
      look();
      return found.promise;
    },
    leave: () => socket.destroy(),
  };
}

/** Posts a chat completion over a bare connection, and reads until the mock ends it. */
export function readWire(mock: Pick<Mock, 'url'>, body: object = chatBody): Promise<Wire> {
  const wire = tap(mock);
  wire.post(body);
  return wire.ended;
}
