import {
  type Answer,
  type Backend,
  type BackendPool,
  type FailoverRequest,
  type Outcome,
  runFailover,
  type Timing,
  type Transport,
  type Verdict,
} from '@spillway/core';
import type { Links } from '../headers/links.ts';
import type { ResponseHeaders } from '../headers/to-client.ts';
import type { AskableRequest } from './ask-backend.ts';
import type { ClientObjects } from './client-objects.ts';
import { type AskForOwner, type Finding, findOwner } from './find-owner.ts';
import { learnOwner, outcomeOf, type WatchableAnswer } from './learn-owner.ts';
import { withoutPage } from './list-page.ts';
import { lookUp, lookUpDestination, lookUpHeaders, recoveryMs } from './look-up.ts';
import { MergedLists } from './merged-lists.ts';
import type { OwnerStore } from './owner-store.ts';
import { readPinnedBackend } from './pinned-backend.ts';
import { isOfObject, nameInPath, referenceInPath } from './references.ts';
import { resourceOf } from './resource-of.ts';
import { isRefusedForLack, rememberServed, tryElsewhere, trySiblings } from './try-elsewhere.ts';
import { isOfValues } from './value-lists.ts';
import type { ReadableBody } from './watched-body.ts';
import { READS } from '../route/operations.ts';
import { isAskable, isObjectId, isPathSafe, type Reference } from '../route/stored-objects.ts';

/** A request whose backend may not be a free choice. */
export interface OwnedRequest extends AskableRequest {
  readonly method: string;
  readonly body: Buffer | undefined;
  /** The rest of a body that is not kept. */
  readonly upload?: unknown;
  /** The protocol that it wants to upgrade to. */
  readonly upgrade?: string | undefined;
  /** The session that has been opened for it. */
  readonly session?: unknown;
}

/** The destination of such a request. */
export interface OwnedRoute {
  readonly deployment: string;
  readonly operation: string;
  readonly path: string;
  readonly createsObject: boolean;
  /** Whether it concerns objects that one backend keeps. */
  readonly isStateful: boolean;
  readonly content?:
    { readonly references: readonly Reference[]; readonly asksToBeStored: boolean } | undefined;
}

/** The parts needed to find owners. `Request` is the transport's request type. */
export interface OwnershipParts<Request, B extends Backend, Body> {
  readonly pool: BackendPool<B>;
  readonly owners: OwnerStore;
  /** The objects of the one client that this is for; undefined where clients are not told apart. */
  readonly ofClient?: ClientObjects | undefined;
  readonly nowMs: () => number;
  readonly links: Pick<Links, 'to'>;
  /** Whether clients may choose the backend. */
  readonly allowBackendPin: boolean;
  readonly transportOf: (
    request: Request,
    destination: { readonly path: string; readonly operation: string; readonly deployment: string },
  ) => Transport<B, Body>;
}

/** Sends requests about stored objects to the backend that has them, and learns which one that is. */
export class Ownership<
  Request extends OwnedRequest,
  B extends Backend & { readonly url: string },
  Body extends { readonly body: ReadableBody; readonly headers: ResponseHeaders } & WatchableAnswer,
> {
  readonly #parts: OwnershipParts<Request, B, Body>;
  readonly #names: readonly string[];
  /** By the backends' names: what the URLs of one resource have in common. */
  readonly #resources: ReadonlyMap<string, string>;
  readonly #lists: MergedLists<Request, B, Body>;

  constructor(parts: OwnershipParts<Request, B, Body>) {
    this.#parts = parts;
    this.#names = parts.pool.backends.map(({ name }) => name);
    this.#resources = new Map(parts.pool.backends.map(({ name, url }) => [name, resourceOf(url)]));
    this.#lists = new MergedLists(parts);
  }

  /** Returns whether the choice of backend may matter to a request. Called for every request, so it has to be cheap. */
  concerns({ isStateful, path }: OwnedRoute, method: string): boolean {
    const { allowBackendPin, ofClient } = this.#parts;
    if (allowBackendPin || !isStateful) return allowBackendPin;
    return this.#names.length > 1 || ofClient !== undefined || (method === 'GET' && isOfValues(path));
  }

  /**
   * Runs a request at the backend that has its objects, or with a usual failover if none has.
   *
   * @param routing its wishes for the pool, whichever backend is the owner
   */
  async run(
    request: Request,
    route: OwnedRoute,
    routing: FailoverRequest,
  ): Promise<Verdict<B, Omit<Body, 'body'> & { readonly body: ReadableBody }>> {
    const { pool, nowMs, allowBackendPin, transportOf } = this.#parts;
    const { method, rawHeaders } = request;
    const { operation, path, createsObject, content } = route;
    const transport = transportOf(request, route);
    const pinned = allowBackendPin ? readPinnedBackend(rawHeaders, this.#names) : undefined;
    if (!route.isStateful) return runFailover(pool, { ...routing, owner: pinned }, transport, nowMs);

    // For a client with objects of its own, only merged lists are filtered.
    const isMerged = pinned === undefined || this.#parts.ofClient !== undefined;
    if (isMerged && this.#isList(request, route) && !(await this.#isOfNamed(operation)))
      return this.#lists.run(request, route, routing, this.#ownerOfCursor(request, route, routing));

    const owners = this.#ownersFor(createsObject || !READS.includes(method), operation);
    const shown = this.#ownersFor(false, operation);
    const asked = { method, operation, path, content, createsObject, isPinned: pinned !== undefined };
    const isBackend = (name: string) => this.#names.includes(name);
    const finding: Finding<B, Body> =
      pinned === undefined
        ? await findOwner(asked, shown, isBackend, this.#asking(request, route, routing))
        : { kind: 'owned', owner: pinned };
    if (finding.kind === 'ended') return finding.verdict;
    if (finding.kind === 'lookup')
      return learnOwner(owners, asked, await lookUp(pool, routing, transport, nowMs));

    const open = finding.kind === 'free' ? finding.open : [];
    const about = {
      isOfObject: isOfObject(operation, content),
      isRefusedForLack: (outcome: Outcome | undefined, answer: Answer) =>
        isRefusedForLack(outcome, answer, open, content?.references),
    };
    const sendTo = (owner?: string) => runFailover(pool, { ...routing, ...about, owner }, transport, nowMs);
    const owner = finding.kind === 'owned' ? finding.owner : undefined;
    const siblings = owner === undefined || pinned !== undefined ? [] : this.#siblingsOf(owner);
    const verdict = await trySiblings(await sendTo(owner), siblings, sendTo);
    const refusalIn = (one: Verdict<B, Body>) =>
      one.kind === 'relay' && about.isRefusedForLack(outcomeOf(one), one.answer) ? one : undefined;
    const refusal = pinned === undefined ? refusalIn(verdict) : undefined;
    if (refusal === undefined || transport.isBodyGone?.()) return learnOwner(owners, asked, verdict);
    const found = await tryElsewhere(refusal, {
      names: this.#names,
      sendTo,
      refusalIn,
      discard: discardWith(transport),
      recoveryMs: (names) => recoveryMs(pool, routing.deployment, (name) => names.includes(name), nowMs()),
    });
    // An object that a client only names may be in use by all.
    const inBody = open.filter((one) => content?.references.includes(one));
    if (this.#parts.ofClient === undefined) rememberServed(shown, refusal, inBody, found);
    return learnOwner(owners, asked, found);
  }

  /** The store for what is learned from a request that may make something, or only shows it. */
  #ownersFor(mayMake: boolean, operation: string): OwnerStore {
    const { owners } = this.#parts;
    return owners.forRequest?.(mayMake, operation) ?? owners;
  }

  /** The other backends of the same resource. */
  #siblingsOf(owner: string): string[] {
    const ofOwner = this.#resources.get(owner);
    return this.#names.filter((name) => name !== owner && this.#resources.get(name) === ofOwner);
  }

  /** Whether it lists a collection, of which all backends have a part. */
  #isList({ method, upgrade }: Request, { operation, path }: OwnedRoute): boolean {
    if (method !== 'GET' || upgrade !== undefined) return false;
    if (referenceInPath(operation) === undefined) return true;
    // The name before it may look like an id. Whoever may see only what is below its own objects asks their owner.
    return this.#parts.ofClient === undefined && isOfValues(path);
  }

  /** Whether it concerns an object that is known by its name, rather than a collection. */
  async #isOfNamed(operation: string): Promise<boolean> {
    const name = nameInPath(operation);
    const owner = name === undefined ? undefined : await this.#parts.owners.ownerOf(name);
    return owner !== undefined && this.#names.includes(owner);
  }

  /** Creates the function that finds the backend of the object next to a page of a list. */
  #ownerOfCursor(request: Request, route: OwnedRoute, routing: FailoverRequest) {
    const { owners } = this.#parts;
    const ask = this.#asking(request, { ...route, path: withoutPage(route.path) }, routing);
    return async (id: string) => {
      const known = isPathSafe(id) ? await owners.ownerOf(id) : undefined;
      if (known !== undefined && this.#names.includes(known)) return known;
      const reference = { id, collection: route.operation };
      const finding = isObjectId(id) && isAskable(reference) ? await ask(reference) : undefined;
      return finding?.kind === 'owned' ? finding.owner : finding?.verdict;
    };
  }

  /** Requests objects on the gateway's own behalf, at each backend with its own credential. */
  #asking(request: Request, route: OwnedRoute, { priorityClass }: FailoverRequest): AskForOwner<B, Body> {
    const { pool, transportOf, nowMs } = this.#parts;
    const rawHeaders = lookUpHeaders(request.rawHeaders);
    return async (reference) => {
      const timing = shortened(request.timing, nowMs());
      const plain = { body: undefined, upload: undefined, upgrade: undefined, session: undefined };
      const question = { ...request, ...plain, method: 'GET', rawHeaders, timing };
      const destination = lookUpDestination(route, reference);
      const transport = transportOf(question, destination);
      const { operation } = destination;
      const routing = { deployment: '', method: 'GET', operation, createsObject: false, priorityClass };
      const verdict = await lookUp(pool, routing, transport, nowMs);
      if (verdict.kind === 'relay') {
        discardWith(transport)(verdict);
        const hasIt = outcomeOf(verdict)?.kind === 'succeeded';
        return hasIt ? { kind: 'owned', owner: verdict.lease.backend.name } : undefined;
      }
      const isNowhere =
        verdict.kind === 'exhausted' &&
        (verdict.cause === 'not-found' || verdict.cause === 'deployment-missing');
      return isNowhere ? undefined : { kind: 'ended', verdict };
    };
  }
}

/** A question must not use up the time of the request that needs it. */
const MAX_QUESTION_MS = 5000;

function shortened(timing: Timing, nowMs: number): Timing {
  return { ...timing, deadlineMs: Math.min(timing.deadlineMs, nowMs + MAX_QUESTION_MS) };
}

/** Discards an answer that nobody will get. */
function discardWith<B extends Backend, Body>(transport: Transport<B, Body>) {
  return ({ answer, lease }: Extract<Verdict<B, Body>, { kind: 'relay' }>) => {
    transport.discard(answer.body);
    lease.release();
  };
}
