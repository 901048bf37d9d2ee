import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import {
  type Backend,
  type BackendPool,
  type FailoverRequest,
  runFailover,
  type Transport,
  type Verdict,
} from '@spillway/core';
import { isJsonType } from '../body/json-type.ts';
import { JsonStrings } from '../body/json-strings.ts';
import { GatewayError } from '../errors.ts';
import { readEphemeralKey, readSessionKey, type SessionKeyHeader } from '../headers/session-key.ts';
import { outcomeOf, unpack } from './learn-owner.ts';
import { lookUp } from './look-up.ts';
import type { OwnerStore } from './owner-store.ts';
import { type ReadableBody, WatchedBody } from './watched-body.ts';

/** A request that may open a session, or concern one. */
export interface SessionRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** Replaces the backend's own credential. */
  readonly credential?: SessionKeyHeader | undefined;
}

/** The destination of such a request. */
export interface SessionRoute {
  readonly operation: string;
  readonly path: string;
  readonly deployment: string;
}

/** The parts needed to find owners. */
export interface SessionOwnersParts<Request, Route, B extends Backend, Body> {
  readonly pool: BackendPool<B>;
  readonly owners: OwnerStore;
  readonly nowMs: () => number;
  readonly transportOf: (request: Request, route: Route) => Transport<B, Body>;
  /** Called for each key that was made, with the request that it was made for. */
  readonly onKey: (key: string, request: Request, deployment: string) => void;
}

const LONGEST_KEY = 4096;
/** The keys in answers under which a created key is: for v1, and for the API before it. */
const MADE_KEYS: ReadonlySet<string> = new Set(['value', 'client_secret.value']);
const CALL = /(?:^|[/=])(rtc_[\w-]{1,200})(?=[/?&]|$)/;

/**
 * Sends realtime sessions to the backend that created their key or took their call, as both mean nothing to any other.
 * Keys are remembered only by their hash.
 */
export class SessionOwners<
  Request extends SessionRequest,
  Route extends SessionRoute,
  B extends Backend,
  Body extends { readonly body: ReadableBody },
> {
  readonly #parts: SessionOwnersParts<Request, Route, B, Body>;

  constructor(parts: SessionOwnersParts<Request, Route, B, Body>) {
    this.#parts = parts;
  }

  /** Returns whether the choice of backend may matter to a request. Called for every request, so it has to be cheap. */
  concerns({ headers }: SessionRequest, { operation }: SessionRoute): boolean {
    return operation.startsWith('realtime') || readSessionKey(headers) !== undefined;
  }

  /**
   * Runs a request at the backend of its key or call; if that is unknown, at one after another: a client hears of incoming
   * calls from their backend alone.
   */
  async run(
    request: Request,
    route: Route,
    routing: FailoverRequest,
  ): Promise<Verdict<B, Omit<Body, 'body'> & { readonly body: ReadableBody }>> {
    const { pool, owners, transportOf, onKey, nowMs } = this.#parts;
    const credential = readSessionKey(request.headers);
    const call = CALL.exec(route.path)?.[1];
    const transport = transportOf(credential ? { ...request, credential } : request, route);
    const key = readEphemeralKey(request.headers);
    const names = [key === undefined ? undefined : hashOf(key), call].filter((name) => name !== undefined);
    const owner = await this.#ownerOf(names);
    const isUnknown = names.length > 0 && owner === undefined;
    const verdict = isUnknown
      ? await lookUp(pool, routing, transport, nowMs)
      : await runFailover(pool, { ...routing, owner, isOfObject: call !== undefined }, transport, nowMs);
    if (call !== undefined && verdict.kind === 'relay' && outcomeOf(verdict)?.kind === 'succeeded')
      owners.remember(call, verdict.lease.backend.name);
    if (
      credential !== undefined &&
      isUnknown &&
      verdict.kind === 'exhausted' &&
      verdict.cause === 'not-found'
    ) {
      throw new GatewayError('unauthorized', 'No backend knows this ephemeral key. It may have expired.');
    }
    return learn(owners, request.method, verdict, (made) => onKey(made, request, routing.deployment));
  }

  async #ownerOf(names: readonly string[]): Promise<string | undefined> {
    const { pool, owners } = this.#parts;
    for (const name of names) {
      const owner = await owners.ownerOf(name);
      if (owner !== undefined && pool.backends.some((backend) => backend.name === owner)) return owner;
    }
    return undefined;
  }
}

/** Records the keys and the call in an answer. */
function learn<B extends Backend, Body extends { readonly body: ReadableBody }>(
  owners: OwnerStore,
  method: string,
  verdict: Verdict<B, Body>,
  onKey: (key: string) => void,
): Verdict<B, Omit<Body, 'body'> & { readonly body: ReadableBody }> {
  if (verdict.kind !== 'relay' || method !== 'POST') return verdict;
  const { answer, lease } = verdict;
  const owner = lease.backend.name;
  const call = CALL.exec(answer.header('location') ?? '')?.[1];
  if (call !== undefined) owners.remember(call, owner);
  if (!isJsonType(answer.header('content-type') ?? '')) return verdict;
  const keys = new JsonStrings(
    {
      wants: (path) => MADE_KEYS.has(path),
      onString: (_path, text) => {
        if (!text.startsWith('ek_')) return;
        owners.remember(hashOf(text), owner);
        onKey(text);
      },
    },
    LONGEST_KEY,
  );
  const watcher = unpack(keys, answer.header('content-encoding'));
  if (watcher === undefined) return verdict;
  return {
    ...verdict,
    answer: { ...answer, body: { ...answer.body, body: new WatchedBody(answer.body.body, watcher) } },
  };
}

function hashOf(key: string): string {
  return `key_${createHash('sha256').update(key).digest('base64url')}`;
}
