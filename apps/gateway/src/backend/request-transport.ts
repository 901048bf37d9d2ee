import type {
  Attempt,
  AttemptResult,
  Lease,
  Timing,
  Transport,
  Waiting,
  WaitingClient,
  WaitingRoom,
} from '@spillway/core';
import type { BackendResponse } from './attempt-handler.ts';
import type { AzureBackend } from './azure-backend.ts';
import { type Destination, forwardAttempt, type ForwardableRequest } from './forward-attempt.ts';

/** A request that can be forwarded, and how long it may take. */
export interface TimedRequest extends ForwardableRequest {
  readonly timing: Timing;
  readonly client: WaitingClient;
  /** The leases of its attempts: whoever has the request ends them with it. */
  readonly leases: Lease<AzureBackend>[];
}

/** Takes one request to its backends. */
export class RequestTransport implements Transport<AzureBackend, BackendResponse> {
  readonly timing: Timing;
  protected readonly request: TimedRequest;
  protected readonly destination: Destination;
  readonly #room: WaitingRoom | undefined;

  constructor(request: TimedRequest, destination: Destination, room: WaitingRoom | undefined) {
    this.timing = request.timing;
    this.request = request;
    this.destination = destination;
    this.#room = room;
  }

  get waiting(): Waiting | undefined {
    const { client, body } = this.request;
    return this.#room && { room: this.#room, client, bytes: body?.length ?? 0 };
  }

  hold(lease: Lease<AzureBackend>): void {
    this.request.leases.push(lease);
  }

  forward(attempt: Attempt<AzureBackend>, timeLimitMs: number): Promise<AttemptResult<BackendResponse>> {
    return forwardAttempt(attempt, timeLimitMs, this.request, this.destination);
  }

  discard({ body }: BackendResponse): void {
    body.discard();
  }

  isBodyGone(): boolean {
    return this.request.upload?.hasBegun ?? false;
  }
}
