import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A client that sends raw bytes, for cases that `fetch` would not send or show. */
export class RawClient {
  readonly socket: Socket;
  /** Everything received so far; each byte is a character. */
  received = '';
  /** Resolves when the connection is over for good, with the error code if it broke. */
  readonly closed: Promise<string | undefined>;
  /** Whether the other side has ended its half. */
  hasEnded = false;
  #waiters: (() => void)[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    let code: string | undefined;
    socket.on('data', (chunk: Buffer) => {
      this.received += chunk.toString('latin1');
      this.#wake();
    });
    socket.on('end', () => {
      this.hasEnded = true;
      this.#wake();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => (code = error.code));
    // Not `once`, which rejects at an error.
    this.closed = new Promise((resolve) => socket.once('close', () => resolve(code)));
    socket.on('close', () => this.#wake());
  }

  send(bytes: string | Uint8Array): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Waits until the received bytes contain a text; rejects when the connection ends before. */
  async until(text: string): Promise<string> {
    while (!this.received.includes(text)) {
      if (this.hasEnded || this.socket.destroyed) {
        throw new Error(`the connection ended before "${text}", after "${this.received}"`);
      }
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
    return this.received;
  }

  /** Waits until the other side has ended, and returns everything received. */
  async untilEnd(): Promise<string> {
    while (!this.hasEnded && !this.socket.destroyed) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
    return this.received;
  }

  #wake(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }
}

/** Connects to a server, until the test ends. The connection stays half-open when the server ends its half. */
export async function connectRaw({ url }: { readonly url: string }): Promise<RawClient> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  onTestFinished(() => {
    socket.destroy();
  });
  const client = new RawClient(socket);
  await once(socket, 'connect');
  return client;
}

/** Writes a request as bytes, with the body's length. */
export function rawRequest(
  method: string,
  target: string,
  headers: readonly string[] = [],
  body = '',
): string {
  const lines = [`${method} ${target} HTTP/1.1`, 'Host: gateway', ...headers];
  if (body !== '') lines.push(`Content-Length: ${body.length}`);
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** Sends bytes, and returns everything that comes back until the server closes its half. */
export async function exchangeRaw(
  server: { readonly url: string },
  bytes: string | Uint8Array,
): Promise<RawAnswer> {
  const client = await connectRaw(server);
  client.send(bytes);
  return parseAnswer(await client.untilEnd());
}

/** An HTTP response, parsed as little as possible. */
export interface RawAnswer {
  readonly status: number;
  /** Header lines as sent. */
  readonly headers: readonly string[];
  readonly body: string;
}

/** Parses a response. */
export function parseAnswer(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n');
  const [statusLine = '', ...headers] = text.slice(0, end).split('\r\n');
  return { status: Number(statusLine.split(' ')[1]), headers, body: text.slice(end + 4) };
}
