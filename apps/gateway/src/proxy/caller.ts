import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Lease, Verdict } from '@spillway/core';
import type { BackendResponse } from '../backend/backend-response.ts';
import type { ByteRange } from '../body/byte-range.ts';
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

/** The end of a failover, in the form in which clients are answered. */
export type ClientVerdict = Verdict<
  AzureBackend,
  Omit<BackendResponse, 'body'> & { readonly body: ReadableBody }
>;

/** A client that wants an answer or a session: the two differ only in how they are accepted and answered. */
export interface Caller {
  /** Whether it may stay connected for as long as it likes. */
  readonly isSession: boolean;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** Its head; for its body there is `accept`. */
  readonly request: IncomingMessage;
  /** The declared length of its body. */
  readonly contentLength: string | undefined;
  /** For its answer; for a session, in case there will be none. */
  readonly response: ServerResponse;
  readonly connection: Parameters<Load['check']>[0] & {
    /** Whether the gateway itself broke it off. */
    readonly isCutOff: boolean;
  };
  /** Reads the request, so that any attempt can send it. */
  accept(holdings: Holdings, runtime: Runtime): Accepted | Promise<Accepted>;
  /** Turns a verdict into its answer or session. Resolves when that is over. */
  respond(verdict: ClientVerdict, context: ResponseContext, runtime: Runtime): Promise<Answered>;
  /** Answers with a gateway error. */
  refuse(error: unknown, requestId: string): void;
}

/** A request that any attempt can send. */
export type Accepted = AcceptedRequest<Lease<AzureBackend>> & {
  /** The session that has been opened for it, with `body` as its first message. */
  readonly session?: OpenedSession | undefined;
  /** Limits the answer that a further message of the session asks for. */
  readonly editMessage?: ((message: Buffer) => Buffer) | undefined;
  /** The position of the name of the limit that was added to its body. */
  readonly addedLimit?: ByteRange | undefined;
};

/** Everything that a request holds until it is over. */
export interface Holdings {
  /** The leases of all its attempts, the latest last. */
  readonly leases: Lease<AzureBackend>[];
  readonly kept: KeptBody;
  /** Ends its connection. */
  readonly end: () => void;
  /** Ends the watch on a session's credential. */
  forget?: (() => void) | undefined;
  /** Set as soon as it is known. */
  request: Accepted | undefined;
  /** The charges to its client, if that has budgets. */
  bill: ClientBill | undefined;
  /** Reads the tokens that the request uses. */
  meter: RequestMeter | undefined;
}
