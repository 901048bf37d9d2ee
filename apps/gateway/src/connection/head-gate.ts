import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** llhttp's `HPE_PAUSED`: it stops behind the head that it is the answer to, and goes on from there. */
const PAUSED = 21;

/** What Node's parser has besides what is documented, in every version from 20 to 26. */
interface Parser {
  /** Makes a request of a head. Answers llhttp how to go on. */
  onIncoming(req: IncomingMessage, keepAlive: boolean): number;
  resume(): void;
}

/** A request that was stopped at its head. */
export interface StoppedRequest {
  readonly req: IncomingMessage;
  /** Lets the server have it; what follows its head is still to be fed. */
  readonly letIn: () => void;
}

/**
 * Stops the server behind the head of a request whose turn has not come. It would otherwise read all that has arrived
 * with it, and make a request and a response of every 20 bytes that a client sends, a hundred times as large.
 */
export class HeadGate {
  #stopped: StoppedRequest | undefined;

  /**
   * @param mayEnter whether a request is to be read, as it is its turn; it may be refused there too
   */
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

  /** Takes what was stopped, which is one request at most; undefined if none was. */
  take(): StoppedRequest | undefined {
    const stopped = this.#stopped;
    this.#stopped = undefined;
    return stopped;
  }
}
