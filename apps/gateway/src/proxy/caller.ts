import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Lease, Verdict } from '@spillway/core';
import type { BackendResponse } from '../backend/backend-response.ts';
import type { AzureBackend } from '../backend/azure-backend.ts';
import type { OpenedSession } from '../backend/backend-session.ts';
import type { Load } from '../overload/load.ts';
import type { ReadableBody } from '../ownership/watched-body.ts';
import type { AcceptedRequest } from '../request/accept.ts';
import type { KeptBody } from '../request/kept-body.ts';
import type { ResponseContext } from '../response/respond.ts';
import type { Answered } from '../telemetry/exchange.ts';
import type { RequestMeter } from '../usage/request-meter.ts';
import type { ClientBill } from './client-bill.ts';
import type { Runtime } from './runtime.ts';

/** A failover's end, as clients are answered with it. */
export type ClientVerdict = Verdict<
  AzureBackend,
  Omit<BackendResponse, 'body'> & { readonly body: ReadableBody }
>;

/** A client that asks for an answer or for a session: the two differ in how they are accepted and answered, and in no more. */
export interface Caller {
  /** Whether it stays connected for as long as it likes. */
  readonly isSession: boolean;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** Its head; for its body there is `accept`. */
  readonly request: IncomingMessage;
  /** The length of its body, as far as it says. */
  readonly contentLength: string | undefined;
  /** For its answer; of a session, for the case that there will be none. */
  readonly response: ServerResponse;
  readonly connection: Parameters<Load['check']>[0] & {
    /** Whether it was the gateway that ended what was under way. */
    readonly isCutOff: boolean;
  };
  /** Reads its request, so that any attempt can send it. */
  accept(holdings: Holdings, runtime: Runtime): Accepted | Promise<Accepted>;
  /** Turns a verdict into its answer or session. Resolves when that is over. */
  respond(verdict: ClientVerdict, context: ResponseContext, runtime: Runtime): Promise<Answered>;
  /** Answers an error of the gateway's own. */
  refuse(error: unknown, requestId: string): void;
}

/** A request that any attempt can send. */
export type Accepted = AcceptedRequest<Lease<AzureBackend>> & {
  /** The session that has been opened for it, with `body` as its first message. */
  readonly session?: OpenedSession | undefined;
};

/** All that a request holds until it is over. */
export interface Holdings {
  /** The leases of all its attempts, the latest last. */
  readonly leases: Lease<AzureBackend>[];
  readonly kept: KeptBody;
  /** Ends its connection. */
  readonly end: () => void;
  /** Ends the watch on a session's credential. */
  forget?: (() => void) | undefined;
  /** As soon as it is there. */
  request: Accepted | undefined;
  /** What it is charged to its client, if that has budgets. */
  bill: ClientBill | undefined;
  /** What it takes of these is read by this. */
  meter: RequestMeter | undefined;
}
