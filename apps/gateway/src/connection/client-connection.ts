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

/** A request that began this long ago is slow to arrive. */
const OLD_MS = 1000;

/** A request that knows whether it leaves HTTP. */
export interface ClientRequest extends IncomingMessage {
  /** Whether it asks for an upgrade that has not been refused. */
  asksToUpgrade: boolean;
  /** Whether it is upgraded. */
  readonly upgrade: boolean;
}

/** A response with its client's cancellation. */
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

/** An arrival that waits for its turn on a connection. There is never more than one of each kind. */
type Arrival =
  | (StoppedRequest & { readonly kind: 'request' })
  /** Bytes that could not be read, or make no sense. */
  | { readonly kind: 'refusal'; readonly error: ErrorName; readonly method: string };

/** The handlers of requests, and the settings that all connections share. No handler throws. */
export interface ConnectionOptions {
  /** Answers a request. */
  serve(req: IncomingMessage, res: ClientResponse): void;
  /** Takes the whole connection until its end, with the bytes that came along with the request. */
  upgrade(req: IncomingMessage, head: Buffer, connection: ClientConnection): void;
  /** Answers bytes that never were a request, and closes the connection. */
  refuse(error: ErrorName, method: string, socket: Socket): void;
  /** Called for a request that was read, but whose client left before its turn. */
  missed(method: string): void;
  /** Whether each response is to be the last of its connection. */
  isStopping(): boolean;
  /** How long a request may take to arrive. */
  readonly requestMs: number;
  /** The bytes of later requests that are held on all connections. */
  readonly readAhead: KeptBytes;
}

/**
 * A client's connection. It has one owner at a time: requests are answered in turn, as HTTP/1.1 pipelining requires
 * (RFC 9112 §9.3.2). Of a request that waits for its turn only the head is read, and as much more as it takes to notice
 * that the client leaves.
 */
export class ClientConnection {
  readonly socket: Socket;
  /** Whether there are more connections than allowed. */
  readonly isOverLimit: boolean;
  /** Whether the gateway itself has broken off its current exchange. */
  isCutOff = false;
  readonly #options: ConnectionOptions;
  readonly #queue: Arrival[] = [];
  readonly #gate: HeadGate;
  readonly #readAhead: ReadAhead;
  readonly #progress: SendProgress;
  #current: CurrentRequest | undefined;
  /** Whether the waiting request's time is over; it has spent all of it waiting. */
  #isNextLate = false;
  /** Whether the connection belongs to a session, or to a response that closes it: nothing else gets a turn. */
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
    // Without a listener an error would end the process. The close that follows is enough.
    socket.on('error', () => {});
    // First, as the server then ends its own half, after which a reset is impossible.
    socket.prependListener('end', this.#onEnd);
    socket.once('close', this.#dropQueue);
    // Node closes a connection after its last response, though the client may still be sending.
    socket.destroySoon = this.#closeAfterAnswer;
  }

  /** Called when a request has come, in its turn. */
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

  /** Called when the server was stopped at a request whose turn has not come. */
  stop(unread: Buffer): void {
    const stopped = this.#gate.take();
    if (stopped === undefined) return void this.socket.destroy();
    this.#readAhead.putBack(unread);
    this.#arrive({ kind: 'request', ...stopped });
  }

  /** Called when an upgrade request has come, in its turn; the server reads nothing after it. */
  upgrade(req: IncomingMessage, head: Buffer): void {
    this.#isTaken = true;
    this.socket.off('end', this.#onEnd);
    this.#options.upgrade(req, Buffer.concat([head, this.#readAhead.stop()]), this);
  }

  /**
   * Refuses bytes that were not understood, came too late, or ask for something unsupported. Nothing else will be read.
   */
  refuse(error: ErrorName, method = ''): void {
    const last = this.#queue.at(-1);
    if (error === 'request-timeout' && last?.kind === 'request') {
      this.#isNextLate = true;
      return;
    }
    if (this.#isArriving) this.#refuseCurrent(error);
    else if (last?.kind !== 'refusal') this.#arrive({ kind: 'refusal', error, method });
    this.#readAhead.drop();
  }

  /** Closes it if no request is under way, and no part of one has come within the last second. */
  closeIfIdle(nowMs: number): void {
    const hasNothing = this.#readAhead.isEmpty && this.socket.bytesRead === this.#bytesAnswered;
    if (hasNothing && this.#isFree && this.socket.writableLength === 0) this.socket.destroy();
    else this.closeIfOld(nowMs);
  }

  /** Closes it if no request has been under way for this long, by default for a second, whatever has come. */
  closeIfOld(nowMs: number, afterMs = OLD_MS): void {
    const isOld = nowMs - this.#freeSinceMs > afterMs;
    if (isOld && this.#isFree && this.socket.writableLength === 0) this.socket.destroy();
  }

  /** Breaks off its exchange, visibly to the client. */
  cutOff(): void {
    this.isCutOff = true;
    this.#breakOff();
  }

  /** Cuts off a client that has taken no bytes for this long. To be called periodically. */
  cutOffIfStalled(nowMs: number, limitMs: number): void {
    if (this.#progress.hasStalled(nowMs, limitMs)) resetConnection(this.socket);
  }

  /** While nothing is read from a client, only a write reveals that it has reset the connection. */
  probeIfPaused(): void {
    const { socket } = this;
    if (socket.isPaused() && socket.writable && socket.writableLength === 0) socket.write('');
  }

  #breakOff(): void {
    const res = this.#current?.res;
    if (res !== undefined && endsWithConnection(res)) resetConnection(this.socket);
    else this.socket.destroy();
  }

  /** Returns whether it is a request's turn. An upgrade cannot wait: Node hands the connection over at once. */
  #mayEnter(req: ClientRequest): boolean {
    if (this.#isFree) return true;
    if (req.asksToUpgrade) {
      req.asksToUpgrade = false;
      this.refuse(req.method === 'CONNECT' ? 'method-not-allowed' : 'bad-request', req.method);
    }
    return false;
  }

  /** Whether the rest of the current request decides its answer. */
  get #isArriving(): boolean {
    const { req, res } = this.#current ?? {};
    return req?.complete === false && res?.cancellation.current?.isReady !== true;
  }

  get #isFree(): boolean {
    return this.#current === undefined && !this.#isTaken && this.#queue.length === 0;
  }

  /** The head of a request is read ahead of its turn: the server may have part of it, and waits for the rest. */
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

  /** Node checks the time of a request only once. */
  #limitArrival({ req, res }: CurrentRequest): void {
    this.#isNextLate = false;
    const timer = setTimeout(() => this.refuse('request-timeout'), this.#options.requestMs);
    const stop = () => clearTimeout(timer);
    req.once('end', stop);
    res.once('close', stop);
  }

  /**
   * If an upgrade is passed over, Node loses the bytes that came in one piece with its request. Whether there were any
   * is unknown; only an exact length proves that there were none.
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

  /** The client has ended its half of the connection: it no longer waits for anything. */
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
      // Unreadable bytes were no request.
      if (method) this.#options.missed(method);
    }
  };

  #refuseCurrent(error: ErrorName): void {
    const { res } = this.#current as CurrentRequest;
    if (res.headersSent) breakOff(res);
    else res.cancellation.refuse(new GatewayError(error, undefined, { connection: 'close' }));
  }
}
