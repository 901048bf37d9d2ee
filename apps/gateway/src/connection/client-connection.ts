import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { type ErrorName, GatewayError } from '../errors.ts';
import type { KeptBytes } from '../overload/kept-bytes.ts';
import { Cancellation } from '../request/cancellation.ts';
import { breakOff, endsWithConnection, resetConnection } from './break-off.ts';
import { closeSoon } from './close-soon.ts';
import { HeadGate, type StoppedRequest } from './head-gate.ts';
import { ReadAhead } from './read-ahead.ts';
import { SendProgress } from './send-progress.ts';
import { usualLength } from './usual-length.ts';

/** A client that has begun a request so long ago takes its time. */
const OLD_MS = 1000;

/** A request that knows how it leaves HTTP. */
export interface ClientRequest extends IncomingMessage {
  /** Whether it asks to, and has not been refused. */
  asksToUpgrade: boolean;
  /** Whether it does. */
  readonly upgrade: boolean;
}

/** A response whose client is known. */
export interface ClientResponse extends ServerResponse {
  /** Set when its turn has come. */
  cancellation: Cancellation;
  clientConnection: ClientConnection;
}

/** A request whose turn it is. */
interface CurrentRequest {
  readonly req: IncomingMessage;
  readonly res: ClientResponse;
}

/** What waits for its turn on a connection. There is never more than one of each. */
type Arrival =
  | (StoppedRequest & { readonly kind: 'request' })
  /** What could not be read, or makes no sense. */
  | { readonly kind: 'refusal'; readonly error: ErrorName; readonly method: string };

/** Who answers, and what all connections have in common. No handler throws. */
export interface ConnectionOptions {
  /** Answers a request. */
  serve(req: IncomingMessage, res: ClientResponse): void;
  /** Takes the whole connection until its end, with what was sent along with the request. */
  upgrade(req: IncomingMessage, head: Buffer, connection: ClientConnection): void;
  /** Answers what was never a request, and closes the connection. */
  refuse(error: ErrorName, method: string, socket: Socket): void;
  /** Hears of a request that was read, but whose client left before its turn. */
  missed(method: string): void;
  /** Whether each answer is to be the last of its connection. */
  isStopping(): boolean;
  /** How long a request may take to arrive. */
  readonly requestMs: number;
  /** How much is read on all connections of what waits for its turn. */
  readonly readAhead: KeptBytes;
}

/**
 * A client's connection. It has one owner at a time: what comes on it is answered in turn, as HTTP/1.1 pipelining wants it
 * (RFC 9112 §9.3.2). What waits for its turn is not read beyond its head, but for what it takes to see the client leave.
 */
export class ClientConnection {
  readonly socket: Socket;
  /** Whether there are more connections than there may be. */
  readonly isOverLimit: boolean;
  /** Whether it was the gateway that ended what was under way. */
  isCutOff = false;
  readonly #options: ConnectionOptions;
  readonly #queue: Arrival[] = [];
  readonly #gate: HeadGate;
  readonly #readAhead: ReadAhead;
  readonly #progress: SendProgress;
  #current: CurrentRequest | undefined;
  /** Whether the time of the request that waits is over, all of which it has waited. */
  #isNextLate = false;
  /** Whether it belongs to a session, or to an answer that closes it: nothing else gets a turn. */
  #isTaken = false;
  #bytesAnswered = 0;
  #freeSinceMs = performance.now();

  constructor(socket: Socket, isOverLimit: boolean, options: ConnectionOptions) {
    this.socket = socket;
    this.isOverLimit = isOverLimit;
    this.#options = options;
    this.#gate = new HeadGate(socket, (req) => this.#mayEnter(req as ClientRequest));
    this.#readAhead = new ReadAhead(socket, () => this.#wantsBytes, options.readAhead);
    this.#progress = new SendProgress(socket);
    // Without a listener an error would end the process. The close that follows says all.
    socket.on('error', () => {});
    // First, as the server ends its own half then, after which nothing can be reset.
    socket.prependListener('end', this.#onEnd);
    socket.once('close', this.#dropQueue);
    // Node closes a connection after its last answer, though the client may still be sending.
    socket.destroySoon = this.#closeAfterAnswer;
  }

  /** A request has come, in its turn. */
  request(req: IncomingMessage, res: ClientResponse): void {
    const current = { req, res };
    this.#current = current;
    res.clientConnection = this;
    res.cancellation = new Cancellation();
    res.on('close', this.#onAnswered);
    if (this.#options.isStopping()) res.setHeader('connection', 'close');
    if ((req as ClientRequest).asksToUpgrade) this.#closeUnlessAlone(current);
    if (this.#isNextLate) this.#limitArrival(current);
    this.#options.serve(req, res);
  }

  /** The server was stopped at a request whose turn has not come. */
  stop(unread: Buffer): void {
    const stopped = this.#gate.take();
    if (stopped === undefined) return void this.socket.destroy();
    this.#readAhead.putBack(unread);
    this.#arrive({ kind: 'request', ...stopped });
  }

  /** A request to upgrade has come, in its turn, after which the server reads no more. */
  upgrade(req: IncomingMessage, head: Buffer): void {
    this.#isTaken = true;
    this.socket.off('end', this.#onEnd);
    this.#options.upgrade(req, Buffer.concat([head, this.#readAhead.stop()]), this);
  }

  /** What came could not be understood, or not in time, or is not to be had here. Nothing else will be read. */
  refuse(error: ErrorName, method = ''): void {
    const last = this.#queue.at(-1);
    if (error === 'request-timeout' && last?.kind === 'request') {
      this.#isNextLate = true;
      return;
    }
    const isOfCurrent = this.#current !== undefined && !this.#current.req.complete;
    if (isOfCurrent) this.#refuseCurrent(error);
    else if (last?.kind !== 'refusal') this.#arrive({ kind: 'refusal', error, method });
    this.#readAhead.drop();
  }

  /** Closes it if no request is under way, nor part of one has come within the last second. */
  closeIfIdle(nowMs: number): void {
    const hasNothing = this.#readAhead.isEmpty && this.socket.bytesRead === this.#bytesAnswered;
    if (hasNothing && this.#isFree && this.socket.writableLength === 0) this.socket.destroy();
    else this.closeIfOld(nowMs);
  }

  /** Closes it if no request has been under way within the last second, whatever has come. */
  closeIfOld(nowMs: number): void {
    const isOld = nowMs - this.#freeSinceMs > OLD_MS;
    if (isOld && this.#isFree && this.socket.writableLength === 0) this.socket.destroy();
  }

  /** Breaks off whatever is under way, visibly. */
  cutOff(): void {
    this.isCutOff = true;
    this.#breakOff();
  }

  /** Cuts off a client that has taken nothing of what is sent to it for so long. To be called now and then. */
  cutOffIfStalled(nowMs: number, limitMs: number): void {
    if (this.#progress.hasStalled(nowMs, limitMs)) resetConnection(this.socket);
  }

  /** As long as nothing is read from a client, only a write tells that it has reset the connection. */
  probeIfPaused(): void {
    const { socket } = this;
    if (socket.isPaused() && socket.writable && socket.writableLength === 0) socket.write('');
  }

  #breakOff(): void {
    const res = this.#current?.res;
    if (res !== undefined && endsWithConnection(res)) resetConnection(this.socket);
    else this.socket.destroy();
  }

  /** Returns whether it is a request's turn. An upgrade cannot wait: Node leaves the connection to it at once. */
  #mayEnter(req: ClientRequest): boolean {
    if (this.#isFree) return true;
    if (req.asksToUpgrade) {
      req.asksToUpgrade = false;
      this.refuse(req.method === 'CONNECT' ? 'method-not-allowed' : 'bad-request', req.method);
    }
    return false;
  }

  get #isFree(): boolean {
    return this.#current === undefined && !this.#isTaken && this.#queue.length === 0;
  }

  /** The head of a request is read ahead of its turn: the server may have a part of it, and waits for the rest. */
  get #wantsBytes(): boolean {
    return !this.#isTaken && this.#queue.length === 0;
  }

  #arrive(arrival: Arrival): void {
    if (this.#isTaken) return;
    if (this.#isFree) return this.#begin(arrival);
    this.#queue.push(arrival);
    this.#readAhead.start();
  }

  #begin(arrival: Arrival): void {
    if (arrival.kind === 'request') return arrival.letIn();
    this.#isTaken = true;
    this.#options.refuse(arrival.error, arrival.method, this.socket);
  }

  /** Node looks at the time of a request once only. */
  #limitArrival({ req, res }: CurrentRequest): void {
    this.#isNextLate = false;
    const timer = setTimeout(() => this.refuse('request-timeout'), this.#options.requestMs);
    const stop = () => clearTimeout(timer);
    req.once('end', stop);
    res.once('close', stop);
  }

  /**
   * Node loses what has come in one piece with a request whose upgrade is passed over, behind it. Nobody knows whether
   * anything has, but nothing has where the length is right.
   */
  #closeUnlessAlone({ req, res }: CurrentRequest): void {
    const length = usualLength(req);
    const check = () => {
      const isAlone = this.socket.bytesRead - this.#bytesAnswered === length;
      const isLast = !isAlone || !res.shouldKeepAlive || this.#options.isStopping();
      if (!res.headersSent) res.setHeader('connection', isLast ? 'close' : 'keep-alive');
    };
    check();
    req.once('end', check);
  }

  readonly #onAnswered = (): void => {
    const { res } = this.#current as CurrentRequest;
    this.#current = undefined;
    this.#bytesAnswered = this.socket.bytesRead;
    this.#freeSinceMs = performance.now();
    res.cancellation.end(res.writableFinished);
    if (this.socket.destroyed || this.#isTaken) return this.#dropQueue();
    const next = this.#queue.shift();
    if (next !== undefined) this.#begin(next);
    this.#readAhead.goOn();
  };

  /** The client has ended its half of the connection: it waits for nothing any more. */
  readonly #onEnd = (): void => {
    const isFlushing = this.#current?.res.writableEnded ?? true;
    if (!isFlushing || this.#queue.length > 0) this.#breakOff();
  };

  readonly #closeAfterAnswer = (): void => {
    this.#isTaken = true;
    this.#readAhead.drop();
    closeSoon(this.socket);
  };

  readonly #dropQueue = (): void => {
    if (this.socket.destroyed) this.#readAhead.drop();
    for (const arrival of this.#queue.splice(0)) {
      const method = 'method' in arrival ? arrival.method : arrival.req.method;
      // What could not be read was no request.
      if (method) this.#options.missed(method);
    }
  };

  #refuseCurrent(error: ErrorName): void {
    const { res } = this.#current as CurrentRequest;
    if (res.headersSent) breakOff(res);
    else res.cancellation.refuse(new GatewayError(error, undefined, { connection: 'close' }));
  }
}
