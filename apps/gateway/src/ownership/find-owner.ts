import type { Backend, Verdict } from '@spillway/core';
import type { OwnerStore } from './owner-store.ts';
import { isAskable, type Reference } from '../route/stored-objects.ts';
import { findReferences, namesInPath, namedObject, referenceInPath } from './references.ts';

/** The result of the search for the owner of the objects that a request refers to. */
export type Finding<B extends Backend, Body> =
  | { readonly kind: 'owned'; readonly owner: string }
  /** The owner is unknown, and the request itself can be sent to one backend after another to find out. */
  | { readonly kind: 'lookup' }
  /** Any backend may try: the request refers to nothing, or to nothing that is known to exist. */
  | {
      readonly kind: 'free';
      /** Objects that some backend may have after all: not all could be asked, or none can be. */
      readonly open: readonly Reference[];
    }
  /**
   * The possible owners cannot be asked now, and no other backend could serve, or the client has left: the request ends
   * like the question.
   */
  | { readonly kind: 'ended'; readonly verdict: Exclude<Verdict<B, Body>, { kind: 'relay' }> };

/** A request, as far as it shows which objects it refers to. */
export interface Referring {
  readonly method: string;
  readonly operation: string;
  readonly path: string;
  readonly content: { readonly references: readonly Reference[] } | undefined;
}

/**
 * Asks the backends for an object. Returns which one has it, or why that cannot be determined; `undefined` if none has
 * it.
 */
export type AskForOwner<B extends Backend, Body> = (
  reference: Reference,
) => Promise<Extract<Finding<B, Body>, { kind: 'owned' | 'ended' }> | undefined>;

/** Each costs a request to every backend, and the client controls the number of ids in a body. */
const MAX_QUESTIONS = 3;

/**
 * Finds the backend that has the objects of a request. Of several objects the one in the path counts first, then those
 * in the body in their order: the first whose owner is known, or else the first that a backend has when asked. Objects
 * of different owners make no sense in one request, so the backend that gets it rejects it.
 */
export async function findOwner<B extends Backend, Body>(
  { method, operation, path, content }: Referring,
  store: OwnerStore,
  isBackend: (name: string) => boolean,
  ask: AskForOwner<B, Body>,
): Promise<Finding<B, Body>> {
  const inPath = referenceInPath(operation);
  const references = findReferences(operation, content);
  const known = await ownerOfAny(
    [...references.map(({ id }) => id), ...(inPath === undefined ? namesInPath(operation) : [])],
    store,
    isBackend,
  );
  if (known !== undefined) return { kind: 'owned', owner: known };
  if (method === 'GET' || method === 'HEAD') return inPath ? { kind: 'lookup' } : FREE;
  if (inPath !== undefined) {
    if (!isAskable(inPath)) return { kind: 'lookup' };
    return (await askAndRemember(inPath, store, ask)) ?? FREE;
  }
  const finding = await askForBody(operation, references, store, ask);
  const named = namedObject({ path, operation });
  if (named === undefined || finding.kind !== 'free') return finding;
  return { kind: 'free', open: [{ id: named, collection: undefined }, ...finding.open] };
}

const FREE = { kind: 'free', open: [] } as const;

/** Objects created from files are created before missing files are noticed. All other requests are refused in time. */
const MADE_OF_FILES = /^(?:batches|fine_tuning|vector_stores|evals)\b/;

async function ownerOfAny(
  ids: readonly string[],
  store: OwnerStore,
  isBackend: (name: string) => boolean,
): Promise<string | undefined> {
  for (const id of ids) {
    const owner = await store.ownerOf(id);
    if (owner !== undefined && isBackend(owner)) return owner;
  }
  return undefined;
}

async function askAndRemember<B extends Backend, Body>(
  reference: Reference,
  store: OwnerStore,
  ask: AskForOwner<B, Body>,
) {
  const finding = await ask(reference);
  if (finding?.kind === 'owned') store.remember(reference.id, finding.owner);
  return finding;
}

/** An unknown owner is no reason to refuse a request that any backend can try. */
async function askForBody<B extends Backend, Body>(
  operation: string,
  references: readonly Reference[],
  store: OwnerStore,
  ask: AskForOwner<B, Body>,
): Promise<Finding<B, Body>> {
  const questions = references.filter(isAskable).slice(0, MAX_QUESTIONS);
  const open = new Set(references);
  for (const reference of questions) {
    const finding = await askAndRemember(reference, store, ask);
    if (finding === undefined) open.delete(reference);
    else if (finding.kind === 'owned' || finding.verdict.kind === 'abandoned') return finding;
    else if (MADE_OF_FILES.test(operation)) return finding;
  }
  return { kind: 'free', open: [...open] };
}
