import type { Backend, Verdict } from '@spillway/core';
import type { OwnerStore } from './owner-store.ts';
import type { Reference } from '../route/stored-objects.ts';
import { findReferences, referenceInPath } from './references.ts';

/** What was found out about who has what a request refers to. */
export type Finding<B extends Backend, Body> =
  | { readonly kind: 'owned'; readonly owner: string }
  /** Nobody knows, and the request itself can be sent to one backend after another to find out. */
  | { readonly kind: 'lookup' }
  /** Any backend will do: it refers to nothing, or to nothing that anybody has. */
  | { readonly kind: 'free' }
  /** Who may have it cannot be asked now, or the client has left: the request ends as the question did. */
  | { readonly kind: 'ended'; readonly verdict: Exclude<Verdict<B, Body>, { kind: 'relay' }> };

/** A request, as far as it says what it refers to. */
export interface Referring {
  readonly method: string;
  readonly operation: string;
  readonly content: { readonly references: readonly Reference[] } | undefined;
}

/** Asks the backends for an object, and says who has it or why that cannot be told; `undefined` if nobody has it. */
export type AskForOwner<B extends Backend, Body> = (
  reference: Reference,
) => Promise<Extract<Finding<B, Body>, { kind: 'owned' | 'ended' }> | undefined>;

/** Each costs a request to every backend, and what is in a body is the client's choice. */
const MAX_QUESTIONS = 3;

/**
 * Finds the backend that has what a request refers to. Of several objects the one in the path counts first, then those in
 * the body as they come: of these the first whose owner is known, or else the first that a backend has when asked.
 * Objects of different owners make no sense in one request, so whoever gets it says so.
 */
export async function findOwner<B extends Backend, Body>(
  { method, operation, content }: Referring,
  store: OwnerStore,
  isBackend: (name: string) => boolean,
  ask: AskForOwner<B, Body>,
): Promise<Finding<B, Body>> {
  const references = findReferences(operation, content);
  for (const { id } of references) {
    const owner = await store.ownerOf(id);
    if (owner === undefined) continue;
    if (isBackend(owner)) return { kind: 'owned', owner };
    store.forget(id);
  }
  const inPath = referenceInPath(operation);
  if (method === 'GET' || method === 'HEAD') return { kind: inPath ? 'lookup' : 'free' };
  const questions = inPath ? [inPath] : references.filter(({ collection }) => collection !== undefined);
  for (const reference of questions.slice(0, MAX_QUESTIONS)) {
    const finding = await ask(reference);
    if (finding?.kind === 'owned') store.remember(reference.id, finding.owner);
    if (finding !== undefined) return finding;
  }
  return { kind: 'free' };
}
