import { type Backend, isPageType, type Outcome, type Verdict } from '@spillway/core';
import { isSeal } from '../body/seal-hash.ts';
import { MAKES_NOTHING } from '../route/operations.ts';
import { isObjectId, type Reference } from '../route/stored-objects.ts';
import { createUnpacker, UnpackedCopy } from '../usage/unpacker.ts';
import { type AnswerIds, createAnswerIds } from './answer-ids.ts';
import type { OwnerStore } from './owner-store.ts';
import { describesNamed, isLikeMadeUp, objectAskedFor, referenceInPath } from './references.ts';
import { type ReadableBody, WatchedBody } from './watched-body.ts';

/** The facts about a request that are needed to learn from its answer. */
export interface AskedFor {
  readonly method: string;
  readonly operation: string;
  readonly createsObject: boolean;
  /** The objects that its body refers to, and whether it asks for the answer to be stored. */
  readonly content?:
    { readonly references: readonly Reference[]; readonly asksToBeStored: boolean } | undefined;
  /** Whether the client chose the backend; it need not know which backend has which object. */
  readonly isPinned: boolean;
}

/** An answer whose body, or session, can be watched as it passes. */
export interface WatchableAnswer {
  readonly body: ReadableBody;
  /** Sees the session's messages. */
  readonly session?: { watcher: ((message: Buffer) => void) | undefined } | undefined;
}

/** Records which backend has the objects of an answer, now and as its body passes. */
export function learnOwner<B extends Backend, Body extends WatchableAnswer>(
  store: OwnerStore,
  { method, operation, createsObject, content, isPinned }: AskedFor,
  verdict: Verdict<B, Body>,
): Verdict<B, Omit<Body, 'body'> & { readonly body: ReadableBody }> {
  if (verdict.kind !== 'relay') return verdict;
  const { session } = verdict.answer.body;
  // Whatever the result of its first message, others may follow.
  if (session !== undefined)
    session.watcher = watchMessages(store, verdict.lease.backend.name, createsObject);
  const outcome = outcomeOf(verdict)?.kind;
  const inPath = referenceInPath(operation);
  const asked = objectAskedFor(operation);
  if (outcome === 'not-found' && !isPinned) void forgetNobodys(store, inPath?.id ?? asked);
  if (outcome !== 'succeeded') return verdict;
  if (method === 'DELETE') {
    forget(store, asked);
    return verdict;
  }

  const { answer, lease } = verdict;
  const owner = lease.backend.name;
  const remember = (id: string) => store.remember(id, owner);
  if (inPath && !isPageType(answer.header('content-type'))) remember(inPath.id);
  for (const { id } of content?.references ?? []) if (isSeal(id)) correct(store, id, owner);
  referencesInHeaders(answer).forEach(remember);
  // A response with `store: false` can never be requested again, but its sealed content comes back.
  const isKeptChat = operation === 'chat/completions' && content?.asksToBeStored === true;
  const isStored = method !== 'POST' || createsObject || isKeptChat;
  const wanted = wantedOf(operation, isStored);
  // An agent that is called like another client's file must not open that file.
  const onId = wanted === 'names' ? (name: string) => isLikeMadeUp(name) || remember(name) : remember;
  const ids = createAnswerIds(answer.header('content-type'), onId, wanted);
  const watcher = ids && unpack(ids, answer.header('content-encoding'));
  if (watcher === undefined) return verdict;
  const body = { ...answer.body, body: new WatchedBody(answer.body.body, watcher) };
  return { ...verdict, answer: { ...answer, body } };
}

/** The answer of an operation that creates nothing may repeat the client's own ids; only sealed content counts there. */
function wantedOf(operation: string, isStored: boolean) {
  if (MAKES_NOTHING.has(operation)) return 'nothing';
  if (describesNamed(operation)) return 'names';
  return isStored ? 'objects' : 'lasting';
}

/** Creates the watcher of a session's messages, each of which is an event of a response's stream. */
function watchMessages(store: OwnerStore, owner: string, isStored: boolean) {
  const remember = (id: string) => store.remember(id, owner);
  const wanted = isStored ? 'objects' : 'lasting';
  return (message: Buffer) => createAnswerIds('application/json', remember, wanted)?.write(message);
}

function forget(store: OwnerStore, id: string | undefined): void {
  if (id !== undefined) void store.forget(id);
}

/**
 * Forgets an object that was not found, unless it is a client's: only its record tells whose it is, and what was not found
 * may be something below it, or the object in a collection that it is not part of.
 */
async function forgetNobodys(store: OwnerStore, id: string | undefined): Promise<void> {
  if (id !== undefined && (await store.clientOf(id)) === undefined) await store.forget(id);
}

/** The backend that could read sealed content is its owner. */
function correct(store: OwnerStore, seal: string, owner: string): void {
  void Promise.resolve(store.forget(seal)).then(() => store.remember(seal, owner));
}

/** Returns the objects in an answer's headers: where a call or an operation can be requested. */
function referencesInHeaders({ header }: { header(name: string): string | undefined }): string[] {
  return ['location', 'operation-location']
    .flatMap((name) => header(name)?.split(/[?#]/, 1)[0]?.split('/') ?? [])
    .filter(isObjectId);
}

/** Returns the outcome of the relayed answer. It need not be the last of the request's attempts. */
export function outcomeOf<B extends Backend>({
  lease,
  attempts,
}: Extract<Verdict<B, unknown>, { kind: 'relay' }>): Outcome | undefined {
  return attempts.find(({ backend }) => backend === lease.backend)?.outcome;
}

/** Unpacks bytes for reading; an unknown packing cannot be read. */
export function unpack(ids: AnswerIds, contentEncoding: string | undefined): AnswerIds | undefined {
  const unpacker = createUnpacker(contentEncoding);
  if (unpacker === 'none') return ids;
  return unpacker && new UnpackedCopy(unpacker, (chunk) => ids.write(chunk));
}
