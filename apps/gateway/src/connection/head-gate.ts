import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** llhttp's `HPE_PAUSED`: when returned for a head, it stops after that head, and can go on from there. */
const PAUSED = 21;

/** Undocumented members of Node's parser, the same in every version from 20 to 26. */
interface Parser {
  /** Creates a request from a head. Returns the code that tells llhttp how to go on. */
  onIncoming(req: IncomingMessage, keepAlive: boolean): number;
  resume(): void;
}

/** A request that was stopped at its head. */
export interface StoppedRequest {
  readonly req: IncomingMessage;
  /** Passes it to the server; the bytes after its head are still to be fed. */
  readonly letIn: () => void;
}

/**
 * Stops the server after the head of a request whose turn has not come. Otherwise the server would read everything that
 * arrived with it, and create a request and a response, a hundred times as large, for every 20 bytes that a client
 * sends.
 */
export class HeadGate {
  #stopped: StoppedRequest | undefined;

  /** @param mayEnter returns whether it is a request's turn to be read; it may also refuse the request */
  constructor(socket: Socket, mayEnter: (req: IncomingMessage) => boolean) {
    const { parser } = socket as Socket & { readonly parser?: Parser };
    if (parser === undefined) return;
    const { onIncoming } = parser;
    parser.onIncoming = (req, keepAlive) => {
      if (mayEnter(req)) return onIncoming(req, keepAlive);
      const letIn = () => {
        parser.resume();
        onIncoming(req, keepAlive);
      };
      this.#stopped = { req, letIn };
      return PAUSED;
    };
  }

  /** Takes the stopped request, at most one; undefined if there is none. */
  take(): StoppedRequest | undefined {
    const stopped = this.#stopped;
    this.#stopped = undefined;
    return stopped;
  }
}
