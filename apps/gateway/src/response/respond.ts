import type { ServerResponse } from 'node:http';
import type { Backend, DeploymentSnapshot, Verdict } from '@spillway/core';
import { headersToClient, type ResponseHeaders } from '../headers/to-client.ts';
import type { Answered } from '../telemetry/exchange.ts';
import { exhaustedError } from './exhausted-error.ts';
import { relay, type RelayClient, type RelayedBody } from './relay.ts';
import { renderError } from './render-error.ts';

/** A backend that may be named to clients, and its endpoint, which may be only where that is switched on. */
export interface NamedBackend extends Backend {
  readonly url: string;
}

/** A backend's answer as it is relayed. */
export interface RelayedResponse {
  readonly statusMessage: string | undefined;
  readonly headers: ResponseHeaders;
  readonly body: RelayedBody;
}

/** The client, and how long its request has waited for quota. */
interface RespondClient extends RelayClient {
  readonly waitedMs: number;
}

/** What responding needs to know of the request and the pool. */
export interface ResponseContext {
  readonly requestId: string;
  readonly deployment: string;
  readonly client: RespondClient;
  readonly backends: readonly Backend[];
  /** Returns how they stand now. */
  readonly standings: () => readonly DeploymentSnapshot[];
  readonly exposeBackendUrl: boolean;
  /** The greatest length of a response, from its first byte to its last; undefined for any. */
  readonly maxResponseMs: number | undefined;
  /** After so long without a byte an event stream gets a comment; undefined for never. */
  readonly heartbeatMs?: number | undefined;
}

/** Turns a verdict into bytes for the client. Resolves when the last one has been handed over or either side broke off. */
export function respond(
  verdict: Verdict<NamedBackend, RelayedResponse>,
  response: ServerResponse,
  context: ResponseContext,
): Promise<Answered> {
  switch (verdict.kind) {
    case 'relay': {
      const { headers, body, statusMessage } = verdict.answer.body;
      const own = ownHeaders(verdict, context);
      const head = { status: verdict.answer.status, statusMessage, headers: headersToClient(headers, own) };
      return relay(head, body, response, context);
    }
    case 'exhausted': {
      const error = exhaustedError(verdict, context.deployment, context.backends, context.standings());
      const attempts = String(verdict.attempts.length);
      const headers: Record<string, string> = { [ATTEMPTS]: attempts, [REQUEST_ID]: context.requestId };
      const { waitedMs } = context.client;
      if (waitedMs > 0) headers[WAITED] = String(Math.round(waitedMs));
      renderError(response, error, headers);
      return Promise.resolve({ ending: 'complete', bytes: 0 });
    }
    case 'abandoned':
      return Promise.resolve({ ending: 'abandoned', bytes: 0 });
  }
}

const ATTEMPTS = 'x-spillway-attempts';
const REQUEST_ID = 'x-spillway-request-id';
const WAITED = 'x-spillway-waited-ms';

/** Answers the headers that say who has served a request, after how many attempts: names and values in turn. */
export function ownHeaders(
  {
    lease,
    attempts,
  }: { readonly lease: { readonly backend: NamedBackend }; readonly attempts: readonly unknown[] },
  { requestId, exposeBackendUrl, client }: Pick<ResponseContext, 'requestId' | 'exposeBackendUrl' | 'client'>,
): string[] {
  const { name, url } = lease.backend;
  const own = ['x-spillway-backend', name, ATTEMPTS, String(attempts.length), REQUEST_ID, requestId];
  if (client.waitedMs > 0) own.push(WAITED, String(Math.round(client.waitedMs)));
  if (exposeBackendUrl) own.push('x-openai-backendurl', url);
  return own;
}
