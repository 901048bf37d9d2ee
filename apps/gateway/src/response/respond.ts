import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Backend, DeploymentSnapshot, Verdict } from '@spillway/core';
import type { Client } from '../client/client.ts';
import { type Cors, withoutCors } from '../headers/cors.ts';
import type { Links } from '../headers/links.ts';
import { headersToClient, type ResponseHeaders } from '../headers/to-client.ts';
import type { Answered } from '../telemetry/exchange.ts';
import { exhaustedError } from './exhausted-error.ts';
import { relay, type RelayClient, type RelayedBody } from './relay.ts';
import { renderError } from './render-error.ts';

/** A backend that may be named to clients, and its endpoint, which may be shown only where that is switched on. */
export interface NamedBackend extends Backend {
  readonly url: string;
}

/** A backend's answer in the form in which it is relayed. */
export interface RelayedResponse {
  readonly statusMessage: string | undefined;
  readonly headers: ResponseHeaders;
  readonly body: RelayedBody;
}

/** The client, and how long its request has waited for quota. */
interface RespondClient extends RelayClient {
  readonly waitedMs: number;
}

/** The facts about the request and the pool that responding needs. */
export interface ResponseContext {
  readonly requestId: string;
  readonly deployment: string;
  readonly client: RespondClient;
  readonly backends: readonly Backend[];
  /** Returns the present states of the backends. */
  readonly snapshots: () => readonly DeploymentSnapshot[];
  readonly exposeBackendUrl: boolean;
  /** The greatest length of a response, from its first byte to its last; undefined for any. */
  readonly maxResponseMs: number | undefined;
  /** After this long without a byte an event stream gets a comment; undefined for never. */
  readonly heartbeatMs?: number | undefined;
  /** The headers for web pages, where they are configured. */
  readonly cors: Cors | undefined;
  readonly links: Links;
  /** The deployment that has answered instead of the requested one. */
  readonly fallback?: string | undefined;
  /** Returns headers with what is left of the client's budgets: alternating names and values. */
  readonly budget?: { headers(): readonly string[] } | undefined;
  readonly request: {
    readonly headers: IncomingHttpHeaders;
    readonly caller?: Client | undefined;
    readonly editMessage?: ((message: Buffer) => Buffer) | undefined;
  };
  /** Sees the bytes of a session's backend, where its client has budgets. */
  readonly meter?: { seeFromBackend(chunk: Buffer): void } | undefined;
}

/** Turns a verdict into bytes for the client. Resolves when the last one has been written or either side broke off. */
export function respond(
  verdict: Verdict<NamedBackend, RelayedResponse>,
  response: ServerResponse,
  context: ResponseContext,
): Promise<Answered> {
  switch (verdict.kind) {
    case 'relay': {
      const { body, statusMessage } = verdict.answer.body;
      const headers = answerHeaders(verdict, context);
      const head = { status: verdict.answer.status, statusMessage, headers };
      return relay(head, body, response, context);
    }
    case 'exhausted': {
      const error = exhaustedError(verdict, context.deployment, context.backends, context.snapshots());
      const attempts = String(verdict.attempts.length);
      const headers: Record<string, string> = { [ATTEMPTS]: attempts };
      const { waitedMs } = context.client;
      if (waitedMs > 0) headers[WAITED] = String(Math.round(waitedMs));
      const bytes = renderError(response, error, context.requestId, headers);
      return Promise.resolve({ ending: 'complete', bytes });
    }
    case 'abandoned':
      return Promise.resolve({ ending: 'abandoned', bytes: 0 });
  }
}

/** Returns the headers of a backend's answer for its client. */
function answerHeaders(
  verdict: Extract<Verdict<NamedBackend, RelayedResponse>, { kind: 'relay' }>,
  context: ResponseContext,
): string[] {
  const { cors, links, request, budget } = context;
  const headers = links.toGateway(verdict.answer.body.headers, verdict.answer.status, request.headers);
  const own = ownHeaders(verdict, context);
  const left = budget?.headers() ?? NONE;
  own.push(...left);
  const hasBudget = left.length > 0;
  if (cors === undefined) return headersToClient(headers, own, hasBudget);
  own.push(...Object.entries(cors.headersFor(request.headers.origin)).flat());
  return headersToClient(withoutCors(headers), own, hasBudget);
}

const NONE: readonly string[] = [];
const ATTEMPTS = 'x-spillway-attempts';
const REQUEST_ID = 'x-spillway-request-id';
const WAITED = 'x-spillway-waited-ms';
const FALLBACK = 'x-spillway-fallback';

/** Returns the headers that name the serving backend and the number of attempts: alternating names and values. */
export function ownHeaders(
  {
    lease,
    attempts,
  }: { readonly lease: { readonly backend: NamedBackend }; readonly attempts: readonly unknown[] },
  {
    requestId,
    exposeBackendUrl,
    client,
    fallback,
  }: Pick<ResponseContext, 'requestId' | 'exposeBackendUrl' | 'client' | 'fallback'>,
): string[] {
  const { name, url } = lease.backend;
  const own = ['x-spillway-backend', name, ATTEMPTS, String(attempts.length), REQUEST_ID, requestId];
  if (client.waitedMs > 0) own.push(WAITED, String(Math.round(client.waitedMs)));
  if (fallback !== undefined) own.push(FALLBACK, encodeURIComponent(fallback));
  if (exposeBackendUrl) own.push('x-openai-backendurl', url);
  return own;
}
