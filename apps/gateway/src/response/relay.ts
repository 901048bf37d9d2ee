import { type ServerResponse, STATUS_CODES } from 'node:http';
import { breakOff } from '../connection/break-off.ts';
import { GatheredBytes } from '../overload/gathered-bytes.ts';
import type { Answered } from '../telemetry/exchange.ts';
import { type Heartbeat, startHeartbeat } from './heartbeat.ts';
import { sendTogether } from './send-together.ts';

/** A backend's body as the relay sees it. */
export interface RelayedBody {
  readonly isEmpty: boolean;
  readBy(reader: { write(chunk: Buffer): boolean; end(lastChunk?: Buffer): void; fail(): void }): void;
  resume(): void;
  abort(): void;
}

/** The head to relay: once it is written, the commit point has come. */
export interface RelayedHead {
  readonly status: number;
  readonly statusMessage: string | undefined;
  /** Alternating names and values. */
  readonly headers: string[];
}

/** The client, as far as a relay needs to know whether it is still there. */
export interface RelayClient {
  readonly hasLeft: boolean;
  current: { abort(): void } | undefined;
}

/** The client, and the time limits of its response; both are off where undefined. */
export interface RelayLimits {
  readonly client: RelayClient;
  readonly maxResponseMs: number | undefined;
  readonly heartbeatMs?: number | undefined;
}

/** Copying a body of up to this size is cheaper than writing it separately. */
const SHORT_BYTES = 8192;

/**
 * Passes a backend's answer on, chunk by chunk as it arrives, no faster than the client reads. Resolves when the last
 * byte has been written or either side has broken off.
 */
export function relay(
  head: RelayedHead,
  body: RelayedBody,
  response: ServerResponse,
  { client, maxResponseMs, heartbeatMs }: RelayLimits,
): Promise<Answered> {
  return new Promise((resolve) => {
    const relay = new Relay(body, response, resolve, startHeartbeat(response, head.headers, heartbeatMs));
    if (maxResponseMs !== undefined) relay.limit(maxResponseMs);
    client.current = relay;
    if (client.hasLeft) return relay.abort();
    try {
      writeHead(response, head);
    } catch (error) {
      relay.stop();
      body.abort();
      throw error;
    }
    // A stream's head must not wait for its first chunk; a short answer's goes out with it in one packet.
    if (body.isEmpty) response.flushHeaders();
    body.readBy(relay);
  });
}

/** Methods rather than closures: a stream lives long, and there are thousands of them. */
class Relay {
  readonly #body: RelayedBody;
  readonly #response: ServerResponse;
  readonly #resolve: (relayed: Answered) => void;
  #bytes = 0;
  #isFull = false;
  /** Whether this turn's small chunks are kept together. */
  #isInTurn = false;
  #gathered: GatheredBytes | undefined;
  /** A short answer that goes out at the end of the turn. */
  #shortAnswer: Buffer | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isByRule = false;
  readonly #heartbeat: Heartbeat | undefined;

  constructor(
    body: RelayedBody,
    response: ServerResponse,
    resolve: (relayed: Answered) => void,
    heartbeat: Heartbeat | undefined,
  ) {
    this.#body = body;
    this.#response = response;
    this.#resolve = resolve;
    this.#heartbeat = heartbeat;
  }

  write(chunk: Buffer): boolean {
    this.#bytes += chunk.length;
    this.#heartbeat?.note(chunk);
    if (chunk.length > SHORT_BYTES) {
      this.#passOn();
      return this.#send(chunk);
    }
    const gathered = (this.#gathered ??= new GatheredBytes());
    gathered.push(chunk);
    // Last, as it may be this chunk's turn at once.
    this.#holdBack();
    return gathered.length < SHORT_BYTES ? !this.#isFull : this.#passOn();
  }

  end(lastChunk?: Buffer): void {
    if (lastChunk !== undefined && this.#bytes === 0 && lastChunk.length <= SHORT_BYTES) {
      this.stop();
      this.#shortAnswer = lastChunk;
      return sendTogether(this);
    }
    this.#bytes += lastChunk?.length ?? 0;
    this.#passOn();
    this.#response.end(lastChunk);
    this.#finish('complete');
  }

  get isReady(): boolean {
    return this.#shortAnswer !== undefined;
  }

  /**
   * Keeps what is written to the client until the end of the turn. Chunks of a few bytes come by the thousand in one
   * turn, and each costs as much as a long one.
   */
  #holdBack(): void {
    if (this.#isInTurn) return;
    this.#isInTurn = true;
    this.#response.socket?.cork();
    sendTogether(this);
  }

  /** Sends the small chunks so far; returns whether the client takes more. */
  #passOn(): boolean {
    const bytes = this.#gathered?.take();
    return bytes === undefined ? !this.#isFull : this.#send(bytes);
  }

  #send(bytes: Buffer): boolean {
    if (this.#response.write(bytes)) return true;
    // The kept part of the body comes in any case, chunk by chunk.
    if (!this.#isFull) this.#response.once('drain', () => this.#goOn());
    this.#isFull = true;
    return false;
  }

  /** The turn is over: what was held back goes out, or the short answer, unless its client has left meanwhile. */
  endTurn(): void {
    const answer = this.#shortAnswer;
    const { socket } = this.#response;
    if (answer === undefined) {
      this.#isInTurn = false;
      if (socket?.destroyed !== true) this.#passOn();
      return socket?.uncork();
    }
    // Node reports its connection as closed only after the turn.
    if (socket?.destroyed === true) return this.#finish('abandoned');
    this.#bytes = answer.length;
    // As a string with one character per octet it goes out with its head; as bytes it would be a second piece.
    this.#response.end(answer.toString('latin1'), 'latin1');
    this.#finish('complete');
  }

  fail(): void {
    // First, as the end of the response would otherwise look like the client leaving.
    this.#finish('interrupted');
    // An empty chunk would not take the head along if the answer has no body.
    this.#response.flushHeaders();
    this.#passOn();
    // A clean end would make a truncated answer look complete: the client must see the connection break, after it has
    // the bytes before.
    this.#response.write('', () => breakOff(this.#response));
  }

  abort(): void {
    // There is nothing left to abort, and a request that is refused meanwhile still gets its answer.
    if (this.isReady) return;
    this.#finish('abandoned');
    this.#gathered = undefined;
    this.#body.abort();
  }

  /** Breaks the response off after this time. */
  limit(maxMs: number): void {
    this.#timer = setTimeout(() => {
      this.#isByRule = true;
      this.#body.abort();
      this.fail();
    }, maxMs);
  }

  /** Ends its timers: the head could not be written, or everything has arrived. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#heartbeat?.stop();
  }

  #goOn(): void {
    this.#isFull = false;
    this.#body.resume();
  }

  #finish(ending: Answered['ending']): void {
    this.stop();
    this.#resolve({ ending, isByRule: this.#isByRule, bytes: this.#bytes });
  }
}

function writeHead(response: ServerResponse, { status, statusMessage, headers }: RelayedHead): void {
  // Nearly all answers have the standard phrase, which Node writes by itself.
  const isUnusual = statusMessage && statusMessage !== STATUS_CODES[status];
  if (isUnusual && isReasonPhrase(statusMessage)) response.writeHead(status, statusMessage, headers);
  else response.writeHead(status, headers);
}

/** RFC 9112 §4, except for octets that Node decodes as UTF-8 and then refuses to write. */
function isReasonPhrase(text: string): boolean {
  return /^[\t\x20-\x7e]+$/.test(text);
}
