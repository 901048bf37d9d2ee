import type { Backend, BackendPool, FailoverRequest, Transport } from '@spillway/core';
import { askAll, type BackendAnswer, type QuestionForAll } from './ask-all.ts';
import { type ListBody, type ListVerdict, withBytes } from './list-verdict.ts';
import { type List, type ListItem, MISSING_HEADER, mergeLists, readList } from './merge-lists.ts';

/** A backend that may know deployments by other names than clients. */
interface NamingBackend extends Backend {
  readonly deployments?: ReadonlyMap<string, string> | undefined;
}

/** What merging takes. */
export interface ModelListsParts<Request, Route, B extends NamingBackend, Body> {
  readonly pool: BackendPool<B>;
  readonly nowMs: () => number;
  readonly transportOf: (request: Request, route: Route) => Transport<B, Body>;
}

/** A backend's answer, and the list that it may be. */
type ListAnswer<B extends Backend, Body> = BackendAnswer<B, Body> & { readonly list: List | undefined };

/** Answers what there is to ask for: the models or deployments of all backends, under the names that clients use. */
export class ModelLists<
  Request extends QuestionForAll & { readonly method: string },
  Route extends { readonly operation: string },
  B extends NamingBackend,
  Body extends ListBody,
> {
  readonly #parts: ModelListsParts<Request, Route, B, Body>;
  /** What clients call deployments, and what backends do. */
  readonly #names: readonly (readonly [name: string, actual: string])[];
  readonly #isNeeded: boolean;

  constructor(parts: ModelListsParts<Request, Route, B, Body>) {
    this.#parts = parts;
    this.#names = parts.pool.backends.flatMap(({ deployments = new Map() }) => [...deployments]);
    this.#isNeeded = parts.pool.backends.length > 1 || this.#names.length > 0;
  }

  concerns({ method }: Request, { operation }: Route): boolean {
    return this.#isNeeded && method === 'GET' && (operation === 'models' || operation === 'deployments');
  }

  /** Asks every backend, and merges what they say. What one of them lacks to say is said in a header. */
  async run(request: Request, route: Route, routing: FailoverRequest): Promise<ListVerdict<B, Body>> {
    const { pool, transportOf, nowMs } = this.#parts;
    const transportFor = (one: Request) => transportOf(one, route);
    const answers = await askAll(pool, request, transportFor, routing, nowMs);
    const attempts = answers.flatMap(({ verdict }) => verdict.attempts);
    if (request.client.hasLeft) return { kind: 'abandoned', attempts };
    const listed = answers.map((answer) => ({ ...answer, list: readList(answer.bytes) }));
    const verdict = listed.some(({ list }) => list)
      ? this.#merge(listed, route.operation)
      : withoutList(answers);
    releaseOthers(answers, verdict);
    const isOwnTrouble = verdict.kind === 'exhausted' && verdict.cause === 'overloaded';
    return isOwnTrouble ? verdict : { ...verdict, attempts };
  }

  #merge(answers: readonly ListAnswer<B, Body>[], operation: string): ListVerdict<B, Body> {
    const [first] = answers.filter(({ list }) => list);
    if (first?.verdict.kind !== 'relay') throw new TypeError('There is no list to merge.');
    const items = mergeLists(answers.map(({ list }) => list?.data ?? [])).map(withOpenAiKeys);
    const data = mergeLists([items, this.#namedItems(items, operation)]);
    const missing = answers.filter(({ list }) => list === undefined).map(({ backend }) => backend.name);
    return withBytes(first.verdict, Buffer.from(JSON.stringify({ ...first.list, data })), {
      'content-type': 'application/json',
      etag: undefined,
      [MISSING_HEADER]: missing.join(', ') || undefined,
    });
  }

  /** The deployments that are only known by the names that clients use. */
  #namedItems(items: readonly ListItem[], operation: string): ListItem[] {
    const known = new Map(items.map((item) => [item['id'], item]));
    return this.#names.map(([name, actual]) => ({
      ...(known.get(actual) ?? NOTHING_KNOWN),
      object: operation === 'models' ? 'model' : 'deployment',
      id: name,
    }));
  }
}

const NOTHING_KNOWN: ListItem = { created: 0, owned_by: 'azure' };

/** Clients of OpenAI's expect these two, which Azure names otherwise or leaves out. */
function withOpenAiKeys(item: ListItem): ListItem {
  const { created = item['created_at'] ?? 0, owned_by = item['owner'] ?? 'azure' } = item;
  return { ...item, created, owned_by };
}

/** What the first backend says that answered, or else that none could. */
function withoutList<B extends Backend, Body extends ListBody>(
  answers: readonly BackendAnswer<B, Body>[],
): ListVerdict<B, Body> {
  for (const { verdict, bytes } of answers)
    if (verdict.kind === 'relay' && bytes !== undefined) return withBytes(verdict, bytes, {});
  const verdicts = answers.map(({ verdict }) => verdict);
  const refused = verdicts.find((verdict) => verdict.kind === 'relay' && verdict.answer.status !== 200);
  if (refused !== undefined) return refused;
  const exhausted = verdicts.filter((verdict) => verdict.kind === 'exhausted');
  const overloaded = exhausted.find(({ cause }) => cause === 'overloaded');
  if (overloaded !== undefined) return { ...overloaded, owner: undefined };
  const isThrottled = exhausted.every(({ cause }) => cause === 'throttled');
  const recoveryMs = Math.min(...exhausted.map((verdict) => verdict.recoveryMs));
  return {
    kind: 'exhausted',
    cause: isThrottled && exhausted.length > 0 ? 'throttled' : 'unavailable',
    recoveryMs: exhausted.length > 0 ? recoveryMs : 0,
    attempts: [],
  };
}

/** One answer is relayed; of the others nothing is needed any more. */
function releaseOthers<B extends Backend, Body extends ListBody>(
  answers: readonly BackendAnswer<B, Body>[],
  relayed: ListVerdict<B, Body>,
): void {
  for (const { verdict } of answers) {
    const isRelayed = relayed.kind === 'relay' && verdict.kind === 'relay' && verdict.lease === relayed.lease;
    if (verdict.kind !== 'relay' || isRelayed) continue;
    verdict.answer.body.body.abort();
    verdict.lease.release();
  }
}
