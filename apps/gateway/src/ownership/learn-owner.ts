import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { type Backend, isPageType, type Outcome, type Verdict } from '@spillway/core';
import { isSeal } from '../body/seal-hash.ts';
import { isObjectId, type Reference } from '../route/stored-objects.ts';
import { type AnswerIds, createAnswerIds } from './answer-ids.ts';
import type { OwnerStore } from './owner-store.ts';
import { objectAskedFor, referenceInPath } from './references.ts';
import { type ReadableBody, WatchedBody } from './watched-body.ts';

/** What has to be known of a request to learn from its answer. */
export interface AskedFor {
  readonly method: string;
  readonly operation: string;
  readonly createsObject: boolean;
  /** What its body refers to, and whether it has the answer kept. */
  readonly content?:
    { readonly references: readonly Reference[]; readonly asksToBeStored: boolean } | undefined;
  /** Whether the backend was chosen by the client, which need not know who has what. */
  readonly isPinned: boolean;
}

/** An answer whose body, or session, can be watched as it passes. */
export interface WatchableAnswer {
  readonly body: ReadableBody;
  /** What its messages are seen by. */
  readonly session?: { watcher: ((message: Buffer) => void) | undefined } | undefined;
}

/** Takes note of who has the objects that an answer is about, now and as its body passes. */
export function learnOwner<B extends Backend, Body extends WatchableAnswer>(
  store: OwnerStore,
  { method, operation, createsObject, content, isPinned }: AskedFor,
  verdict: Verdict<B, Body>,
): Verdict<B, Omit<Body, 'body'> & { readonly body: ReadableBody }> {
  if (verdict.kind !== 'relay') return verdict;
  const { session } = verdict.answer.body;
  // Whatever its first message came to, others may follow.
  if (session !== undefined)
    session.watcher = watchMessages(store, verdict.lease.backend.name, createsObject);
  const outcome = outcomeOf(verdict)?.kind;
  const inPath = referenceInPath(operation);
  const asked = objectAskedFor(operation);
  if (outcome === 'not-found' && !isPinned) forget(store, inPath?.id ?? asked);
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
  // A response with `store: false` can never be asked for, but what is sealed in it comes back.
  const isKeptChat = operation === 'chat/completions' && content?.asksToBeStored === true;
  const isStored = method !== 'POST' || createsObject || isKeptChat;
  const wanted = NAMED.test(operation) ? 'names' : isStored ? 'objects' : 'lasting';
  const ids = createAnswerIds(answer.header('content-type'), remember, wanted);
  const watcher = ids && unpack(ids, answer.header('content-encoding'));
  if (watcher === undefined) return verdict;
  const body = { ...answer.body, body: new WatchedBody(answer.body.body, watcher) };
  return { ...verdict, answer: { ...answer, body } };
}

/** Makes what sees each message of a session, which is an event of a response's stream. */
function watchMessages(store: OwnerStore, owner: string, isStored: boolean) {
  const remember = (id: string) => store.remember(id, owner);
  const wanted = isStored ? 'objects' : 'lasting';
  return (message: Buffer) => createAnswerIds('application/json', remember, wanted)?.write(message);
}

/** Collections of projects whose objects are spoken of by their names. */
const NAMED = /^(?:agents|memory_stores)(?:\/|$)/;

function forget(store: OwnerStore, id: string | undefined): void {
  if (id !== undefined) void store.forget(id);
}

/** Whoever could read what is sealed is the one that can. */
function correct(store: OwnerStore, seal: string, owner: string): void {
  void Promise.resolve(store.forget(seal)).then(() => store.remember(seal, owner));
}

/** Returns the objects that an answer without a body speaks of: where a call or an operation can be asked for. */
function referencesInHeaders({ header }: { header(name: string): string | undefined }): string[] {
  return ['location', 'operation-location']
    .flatMap((name) => header(name)?.split(/[?#]/, 1)[0]?.split('/') ?? [])
    .filter(isObjectId);
}

/** Returns what the answer that is relayed meant. It need not be the last of the request's attempts. */
export function outcomeOf<B extends Backend>({
  lease,
  attempts,
}: Extract<Verdict<B, unknown>, { kind: 'relay' }>): Outcome | undefined {
  return attempts.find(({ backend }) => backend === lease.backend)?.outcome;
}

const UNPACKERS: ReadonlyMap<string, () => ReturnType<typeof createGunzip>> = new Map([
  ['gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

/** What has come of a packed answer and is not unpacked yet. An answer that outruns it by more is not read any further. */
const MAX_WAITING_BYTES = 1_048_576;

/** Lets packed bytes be read as what they are; there is no reading those that are packed in an unknown way. */
export function unpack(ids: AnswerIds, contentEncoding: string | undefined): AnswerIds | undefined {
  if (contentEncoding === undefined || contentEncoding === 'identity') return ids;
  const unpacker = UNPACKERS.get(contentEncoding.toLowerCase())?.();
  if (unpacker === undefined) return undefined;
  unpacker.on('data', (chunk: Buffer) => ids.write(chunk));
  // Whatever is wrong with it is for the client to see.
  unpacker.on('error', () => unpacker.destroy());
  return {
    write: (chunk) => {
      if (unpacker.writableLength < MAX_WAITING_BYTES) unpacker.write(chunk);
      else unpacker.destroy();
    },
    end: () => void unpacker.end(),
  };
}
