import { connect, type Socket } from 'node:net';
import { ResponseReader, type ResponseReaderOptions } from '../http/response-reader.ts';

/** How a client leaves. */
export type Leaving = 'fin' | 'reset';

/** A client that writes the given bytes, and reads answers. */
export class RawClient {
  readonly socket: Socket;
  readonly reader: ResponseReader;
  /** How the connection ended: the gateway ended it by `fin` or `reset`, or the client has `left`. */
  state: 'open' | 'fin' | 'reset' | 'left' = 'open';
  /** Why the bytes it received are not HTTP. */
  trouble: string | undefined;
  readonly #looks = new Set<() => void>();

  constructor(port: number, options: ResponseReaderOptions = {}) {
    this.reader = new ResponseReader(options);
    this.socket = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true });
    this.socket.on('data', (bytes: Buffer) => this.#read(bytes));
    this.socket.on('end', () => this.#end('fin'));
    this.socket.on('error', () => this.#end('reset'));
    this.socket.on('close', () => this.#end('reset'));
  }

  get answers() {
    return this.reader.answers;
  }

  /** Writes without waiting. Returns whether there was still a connection to write to. */
  write(bytes: Buffer | string): boolean {
    if (this.socket.destroyed || this.socket.writableEnded) return false;
    this.socket.write(bytes, 'latin1');
    return true;
  }

  /**
   * Waits until a condition holds, the gateway has ended the connection, or the time is over. Returns whether it holds.
   */
  until(isMet: () => boolean, limitMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        this.#looks.delete(look);
        resolve(isMet());
      };
      const look = () => {
        if (isMet() || this.state !== 'open') finish();
      };
      const timer = setTimeout(finish, limitMs);
      this.#looks.add(look);
      look();
    });
  }

  /** Waits until nothing has come for this long, or the gateway has ended the connection. */
  quiet(quietMs: number): Promise<void> {
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        this.#looks.delete(look);
        resolve();
      };
      const timer = setTimeout(finish, quietMs);
      const look = () => {
        if (this.state === 'open') timer.refresh();
        else finish();
      };
      this.#looks.add(look);
      look();
    });
  }

  /** Ends the connection. */
  leave(how: Leaving): void {
    if (this.state === 'open') this.#end('left');
    if (this.socket.destroyed) return;
    if (how === 'reset') this.socket.resetAndDestroy();
    else this.socket.destroySoon();
    // After `fin`, unread bytes would keep it open.
    this.socket.resume();
  }

  #read(bytes: Buffer): void {
    if (this.state !== 'open') return;
    try {
      this.reader.push(bytes);
    } catch (error) {
      this.trouble ??= `${(error as Error).message}; the bytes: ${JSON.stringify(bytes.toString('latin1').slice(0, 2000))}`;
      this.leave('reset');
    }
    this.#look();
  }

  #end(state: 'fin' | 'reset' | 'left'): void {
    if (this.state !== 'open') return;
    this.state = state;
    this.reader.end(state === 'fin' ? 'fin' : 'reset');
    this.#look();
  }

  #look(): void {
    for (const look of this.#looks) look();
  }
}
