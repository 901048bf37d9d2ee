import type { Attempt, AttemptResult, Hedging, WaitingRoom } from '@spillway/core';
import type { BackendResponse } from './attempt-handler.ts';
import type { AzureBackend } from './azure-backend.ts';
import { type Destination, forwardAttempt } from './forward-attempt.ts';
import { RequestTransport, type TimedRequest } from './request-transport.ts';

/** The client as one of several attempts sees it: it may leave this one alone. */
interface AttemptClient {
  hasLeft: boolean;
  current: { abort(): void } | undefined;
}

/** Takes one request to its backends, two at a time when the first is slow. */
export class HedgedTransport extends RequestTransport {
  readonly hedging: Hedging<AzureBackend>;
  /** By the attempts' numbers. */
  readonly #clients = new Map<number, AttemptClient>();

  constructor(
    request: TimedRequest,
    destination: Destination,
    room: WaitingRoom | undefined,
    afterMs: number,
  ) {
    super(request, destination, room);
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
    return forwardAttempt(attempt, timeLimitMs, { ...this.request, client: own }, this.destination);
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
