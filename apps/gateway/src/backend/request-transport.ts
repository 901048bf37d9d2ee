import type {
  Attempt,
  Hedging,
  Lease,
  Progress,
  Timing,
  Transport,
  Waiting,
  WaitingClient,
  WaitingRoom,
} from '@spillway/core';
import type { Config } from '../config/schema.ts';
import type { BackendResponse } from './backend-response.ts';
import type { AzureBackend } from './azure-backend.ts';
import { type Destination, type ForwardableRequest, forwardAttempt } from './forward-attempt.ts';

/** A request that can be forwarded, and its time limits. */
interface TimedRequest extends ForwardableRequest {
  /** When it had arrived, on `performance`'s clock. */
  readonly arrivedMs: number;
  readonly timing: Timing;
  readonly client: WaitingClient;
  /** The leases of its attempts, which the owner of the request ends with it. */
  readonly leases: Lease<AzureBackend>[];
}

/** The client as one of several attempts sees it: it may abandon this attempt alone. */
interface AttemptClient {
  hasLeft: boolean;
  current: { abort(): void } | undefined;
}

/** Takes one request to its backends. */
class RequestTransport implements Transport<AzureBackend, BackendResponse> {
  readonly timing: Timing;
  readonly hedging: Hedging | undefined;
  readonly #request: TimedRequest;
  readonly #destination: Destination;
  /** Until when a stream that is only announced may be held back. */
  readonly #holdUntilMs: number;
  readonly #room: WaitingRoom | undefined;
  /** By attempt number, once there are several, as more than one may be under way. */
  #clients: Map<number, AttemptClient> | undefined;

  constructor(
    request: TimedRequest,
    destination: Destination,
    room: WaitingRoom | undefined,
    holdMs: number,
    hedging: Hedging | undefined,
  ) {
    this.timing = request.timing;
    this.hedging = hedging;
    this.#request = request;
    this.#destination = destination;
    this.#room = room;
    this.#holdUntilMs = request.arrivedMs + holdMs;
  }

  get waiting(): Waiting | undefined {
    const { client, body } = this.#request;
    return this.#room && { room: this.#room, client, bytes: body?.length ?? 0 };
  }

  hold(lease: Lease<AzureBackend>): void {
    this.#request.leases.push(lease);
  }

  forward(attempt: Attempt<AzureBackend>, timeMs: number): Promise<Progress<BackendResponse>> {
    const request = attempt.number === 1 ? this.#request : this.#asFurther(attempt);
    return forwardAttempt(attempt, timeMs, request, this.#destination, this.#holdUntilMs);
  }

  /** The request as any attempt but the first sees it. */
  #asFurther({ number }: Attempt<AzureBackend>): ForwardableRequest {
    const { client } = this.#request;
    this.#clients ??= new Map([[1, { hasLeft: client.hasLeft, current: client.current }]]);
    const own: AttemptClient = { hasLeft: client.hasLeft, current: undefined };
    this.#clients.set(number, own);
    client.current = this;
    return { ...this.#request, client: own };
  }

  abort(attempt?: Attempt<AzureBackend>): void {
    // Without an attempt: ends all that are under way, because the client has left.
    if (attempt !== undefined) return leave(this.#clients?.get(attempt.number));
    for (const client of this.#clients?.values() ?? []) leave(client);
  }

  discard({ body, socket, session }: BackendResponse): void {
    if (session !== undefined) session.end();
    else if (socket !== undefined) socket.destroy();
    else body.discard();
  }

  /** A session begins as soon as a stream does. */
  isStream(): boolean {
    const { body, upgrade } = this.#request;
    return upgrade !== undefined || (body !== undefined && asksForStream(body));
  }

  isBodyGone(): boolean {
    return this.#request.upload?.hasBegun ?? false;
  }
}

/** Quotes within a string would be escaped, so these belong to a key. */
function asksForStream(body: Buffer): boolean {
  for (let at = body.indexOf(STREAM_KEY); at !== -1; at = body.indexOf(STREAM_KEY, at + 1)) {
    const value = body.toString('latin1', at + STREAM_KEY.length, at + STREAM_KEY.length + 16);
    if (/^\s*:\s*true/.test(value)) return true;
  }
  return false;
}

const STREAM_KEY = '"stream"';

function leave(client: AttemptClient | undefined): void {
  if (client === undefined) return;
  client.hasLeft = true;
  client.current?.abort();
}

/** Returns the transport that takes a request to its backends. */
export type TransportOf = (request: TimedRequest, destination: Destination) => RequestTransport;

/** Creates the function that chooses a request's transport. Uploads are not hedged, as they can be sent only once. */
export function createTransports(
  { hedge, stream }: Pick<Config, 'hedge' | 'stream'>,
  room: WaitingRoom | undefined,
): TransportOf {
  const hedging = hedge.afterMs === 'never' ? undefined : { afterMs: hedge.afterMs };
  return (request, destination) => {
    const isHedged = request.upload === undefined;
    return new RequestTransport(request, destination, room, stream.holdMs, isHedged ? hedging : undefined);
  };
}
