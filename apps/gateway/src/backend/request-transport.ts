import type {
  Attempt,
  AttemptResult,
  Hedging,
  Lease,
  Timing,
  Transport,
  Waiting,
  WaitingClient,
  WaitingRoom,
} from '@spillway/core';
import type { BackendResponse } from './attempt-handler.ts';
import type { AzureBackend } from './azure-backend.ts';
import { type Destination, type ForwardableRequest, forwardAttempt } from './forward-attempt.ts';
import type { Config } from '../config/schema.ts';

/** A request that can be forwarded, and how long it may take. */
interface TimedRequest extends ForwardableRequest {
  readonly timing: Timing;
  readonly client: WaitingClient;
  /** The leases of its attempts: whoever has the request ends them with it. */
  readonly leases: Lease<AzureBackend>[];
}

/** Takes one request to its backends. */
class RequestTransport implements Transport<AzureBackend, BackendResponse> {
  readonly timing: Timing;
  protected readonly request: TimedRequest;
  protected readonly destination: Destination;
  /** Until when a stream may be held back that has only been announced. */
  protected readonly holdUntilMs: number;
  readonly #room: WaitingRoom | undefined;

  constructor(
    request: TimedRequest,
    destination: Destination,
    room: WaitingRoom | undefined,
    holdMs: number,
  ) {
    this.timing = request.timing;
    this.request = request;
    this.destination = destination;
    this.#room = room;
    this.holdUntilMs = performance.now() + holdMs;
  }

  get waiting(): Waiting | undefined {
    const { client, body } = this.request;
    return this.#room && { room: this.#room, client, bytes: body?.length ?? 0 };
  }

  hold(lease: Lease<AzureBackend>): void {
    this.request.leases.push(lease);
  }

  forward(attempt: Attempt<AzureBackend>, timeLimitMs: number): Promise<AttemptResult<BackendResponse>> {
    return forwardAttempt(attempt, timeLimitMs, this.request, this.destination, this.holdUntilMs);
  }

  discard({ body }: BackendResponse): void {
    body.discard();
  }

  isBodyGone(): boolean {
    return this.request.upload?.hasBegun ?? false;
  }
}

/** The client as one of several attempts sees it: it may leave this one alone. */
interface AttemptClient {
  hasLeft: boolean;
  current: { abort(): void } | undefined;
}

/** Takes one request to its backends, two at a time when the first is slow. */
class HedgedTransport extends RequestTransport {
  readonly hedging: Hedging<AzureBackend>;
  /** By the attempts' numbers. */
  readonly #clients = new Map<number, AttemptClient>();

  constructor(
    request: TimedRequest,
    destination: Destination,
    room: WaitingRoom | undefined,
    holdMs: number,
    afterMs: number,
  ) {
    super(request, destination, room, holdMs);
    this.hedging = {
      wait: () => waitFor(afterMs),
      abort: ({ number }) => leave(this.#clients.get(number)),
    };
  }

  override forward(
    attempt: Attempt<AzureBackend>,
    timeLimitMs: number,
  ): Promise<AttemptResult<BackendResponse>> {
    const { client } = this.request;
    const own: AttemptClient = { hasLeft: client.hasLeft, current: undefined };
    this.#clients.set(attempt.number, own);
    client.current = this;
    const request = { ...this.request, client: own };
    return forwardAttempt(attempt, timeLimitMs, request, this.destination, this.holdUntilMs);
  }

  /** Ends every attempt that is under way, because the client has left. */
  abort(): void {
    for (const client of this.#clients.values()) leave(client);
  }
}

function leave(client: AttemptClient | undefined): void {
  if (client === undefined) return;
  client.hasLeft = true;
  client.current?.abort();
}

function waitFor(ms: number) {
  let timer: NodeJS.Timeout | undefined;
  // Not Promise.withResolvers, which Node 20 does not have.
  const isOver = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  return { isOver, cancel: () => clearTimeout(timer) };
}

/** Returns the transport that takes a request to its backends. */
export type TransportOf = (request: TimedRequest, destination: Destination) => RequestTransport;

/** Makes the function that chooses a request's transport. Uploads, which can be sent once, and sessions are not hedged. */
export function createTransports(
  { hedge, stream }: Pick<Config, 'hedge' | 'stream'>,
  room: WaitingRoom | undefined,
): TransportOf {
  const { holdMs } = stream;
  return (request, destination) =>
    hedge === undefined || request.upload !== undefined || request.upgrade !== undefined
      ? new RequestTransport(request, destination, room, holdMs)
      : new HedgedTransport(request, destination, room, holdMs, hedge.afterMs);
}
