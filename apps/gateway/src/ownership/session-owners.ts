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
import { JsonStrings } from '../body/json-strings.ts';
import { GatewayError } from '../errors.ts';
import { readSessionKey, type SessionKeyHeader } from '../headers/session-key.ts';
import { unpack } from './learn-owner.ts';
import { lookUp } from './look-up.ts';
import type { OwnerStore } from './owner-store.ts';
import { type ReadableBody, WatchedBody } from './watched-body.ts';

/** A request that may open a session, or be about one. */
export interface SessionRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** Who has sent it, where that is known. */
  readonly caller?: { readonly name: string } | undefined;
  /** Goes to the backend instead of the backend's own. */
  readonly credential?: SessionKeyHeader | undefined;
}

/** Where it goes. */
export interface SessionRoute {
  readonly operation: string;
  readonly path: string;
  readonly deployment: string;
}

/** What finding owners takes. */
export interface SessionOwnersParts<Request, Route, B extends Backend, Body> {
  readonly pool: BackendPool<B>;
  readonly owners: OwnerStore;
  readonly nowMs: () => number;
  readonly transportOf: (request: Request, route: Route) => Transport<B, Body>;
  /** Hears of each key that a client has had made. */
  readonly onKey: (key: string, made: { readonly client: string; readonly deployment: string }) => void;
}

const LONGEST_KEY = 4096;
/** Where answers say a key that they have made: of v1, and before it. */
const MADE_KEYS: ReadonlySet<string> = new Set(['value', 'client_secret.value']);
const CALL = /(?:^|[/=])(rtc_[\w-]{1,200})(?=[/?&]|$)/;

/**
 * Keeps realtime sessions with the backend that has made their key or has taken their call: to all others both mean
 * nothing. Keys are remembered by their hash only.
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

  /** Returns whether it may matter which backend a request goes to. Every request is asked for, so it is to be cheap. */
  concerns({ headers }: SessionRequest, { operation }: SessionRoute): boolean {
    return operation.startsWith('realtime') || readSessionKey(headers) !== undefined;
  }

  /** Runs a request at the backend that its key or call belongs to; where nobody knows which, at any. */
  async run(
    request: Request,
    route: Route,
    routing: FailoverRequest,
  ): Promise<Verdict<B, Omit<Body, 'body'> & { readonly body: ReadableBody }>> {
    const { pool, owners, transportOf, onKey, nowMs } = this.#parts;
    const credential = readSessionKey(request.headers);
    const call = CALL.exec(route.path)?.[1];
    const transport = transportOf(credential ? { ...request, credential } : request, route);
    const names = [credential && hashOf(credential[1].replace(/^bearer +/i, '')), call];
    const owner = await this.#ownerOf(names.filter((name) => name !== undefined));
    const isUnknown = credential !== undefined && owner === undefined;
    const verdict = isUnknown
      ? await lookUp(pool, routing, transport, nowMs)
      : await runFailover(pool, { ...routing, owner, isOfObject: call !== undefined }, transport, nowMs);
    if (isUnknown && verdict.kind === 'exhausted' && verdict.cause === 'not-found') {
      throw new GatewayError('unauthorized', 'No backend knows this ephemeral key. It may have expired.');
    }
    const client = request.caller?.name;
    return learn(owners, request.method, verdict, (key) => {
      if (client !== undefined) onKey(key, { client, deployment: route.deployment });
    });
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

/** Takes note of the keys and the call that an answer tells of. */
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
  if (!/^application\/json\b/i.test(answer.header('content-type') ?? '')) return verdict;
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
