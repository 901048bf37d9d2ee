import type { Backend, FailoverRequest } from '@spillway/core';
import { percentDecoded } from '../body/percent-decoded.ts';
import { type AskableRequest, type AskingParts, BackendQuestions } from './ask-backend.ts';
import {
  answerToRelay,
  isSuccess,
  type ListBody,
  type ListVerdict,
  withList,
  withoutList,
} from './list-verdict.ts';
import { type List, type ListItem, mergeLists, readList } from './merge-lists.ts';
import type { BackendAnswer } from './read-answer.ts';
import { isOfValues, mergeValues, readNext } from './value-lists.ts';

/** A backend that may have other names for deployments than clients. */
interface NamingBackend extends Backend {
  readonly deployments?: ReadonlyMap<string, string> | undefined;
}

/** The caller, as far as it determines which entries are shown. */
interface ListCaller {
  /** The deployments that it may see; undefined for all. */
  readonly deployments: ReadonlySet<string> | undefined;
}

/** A backend's answer, and the list that it may contain. */
interface Part<B extends Backend, Body> {
  readonly name: string;
  readonly answer: BackendAnswer<B, Body>;
  readonly source: List | undefined;
}

/** The part of a merged list that is wanted. */
interface Wanted {
  readonly operation: string;
  /** The deployments that the caller may see; undefined for all. */
  readonly shown: ReadonlySet<string> | undefined;
  /** The only entry that is wanted; undefined for the whole list. */
  readonly id: string | undefined;
}

/** Returns the models or deployments of all backends, under the clients' names. */
export class ModelLists<
  Request extends AskableRequest & { readonly method: string; readonly caller?: ListCaller | undefined },
  Route extends { readonly operation: string; readonly path: string },
  B extends NamingBackend,
  Body extends ListBody,
> {
  readonly #parts: AskingParts<Request, Route, B, Body>;
  /** The clients' names of deployments, and the backends'. */
  readonly #names: readonly (readonly [name: string, actual: string])[];
  readonly #isNeeded: boolean;

  constructor(parts: AskingParts<Request, Route, B, Body>) {
    this.#parts = parts;
    this.#names = parts.pool.backends.flatMap(({ deployments = new Map() }) => [...deployments]);
    this.#isNeeded = parts.pool.backends.length > 1 || this.#names.length > 0;
  }

  concerns({ method, caller }: Request, route: Route): boolean {
    const asked = method === 'GET' ? readEntry(route.operation) : undefined;
    if (asked === undefined) return false;
    const { collection, id } = asked;
    if (id !== undefined) return this.#isOwnName(id, caller) && !isOfValues(listOf(route, collection).path);
    const { path } = route;
    return this.#isNeeded || caller?.deployments !== undefined || isOfValues(path);
  }

  /** Returns whether backends may not know an entry of a list by this name. */
  #isOwnName(id: string, caller: ListCaller | undefined): boolean {
    return caller?.deployments?.has(id) === true || this.#names.some(([name]) => name === id);
  }

  /**
   * Asks every backend, and merges their answers. A header names the backends whose part is missing. A single entry is
   * taken from the list.
   */
  async run(request: Request, route: Route, routing: FailoverRequest): Promise<ListVerdict<B, Body>> {
    const { collection, id } = readEntry(route.operation) ?? { collection: route.operation };
    const list = id === undefined ? route : listOf(route, collection);
    return this.#runList(request, list, routing, id);
  }

  async #runList(
    request: Request,
    route: Route,
    routing: FailoverRequest,
    id: string | undefined,
  ): Promise<ListVerdict<B, Body>> {
    const questions = new BackendQuestions(this.#parts, request, routing);
    const names = this.#parts.pool.backends.map(({ name }) => name);
    const asked = readNext(route.path, names) ?? names.map((name) => ({ name, path: route.path }));
    const parts = await Promise.all(
      asked.map(async ({ name, path }) => {
        const answer = await questions.ask(name, { ...route, path });
        return { name, answer, source: readList(answer.json) };
      }),
    );
    const { attempts } = questions;
    const answer = request.client.hasLeft ? undefined : answerToRelay(parts);
    questions.releaseAllBut(answer);
    if (request.client.hasLeft) return { kind: 'abandoned', attempts };
    const shown = request.caller?.deployments;
    const verdict = parts.some(({ source }) => source)
      ? this.#merge(parts, answer, { operation: route.operation, shown, id })
      : (this.#mergeValues(parts, answer, request, route) ??
        (shown && withNothing(answer)) ??
        withoutList(parts, answer));
    return { ...verdict, attempts };
  }

  /** A Foundry project has its own format for lists of deployments. */
  #mergeValues(
    parts: readonly Part<B, Body>[],
    answer: BackendAnswer<B, Body> | undefined,
    { headers, caller }: Request,
    { path }: Route,
  ): ListVerdict<B, Body> | undefined {
    if (answer?.verdict.kind !== 'relay') return undefined;
    const shown = caller?.deployments;
    const linkTo = (to: string) => this.#parts.links.to(to, headers);
    const values = mergeValues(parts, path, linkTo, ({ name }) => shown?.has(String(name)) ?? true);
    return values && withList(answer.verdict, values.list, values.missing);
  }

  #merge(
    parts: readonly Part<B, Body>[],
    answer: BackendAnswer<B, Body> | undefined,
    { operation, shown, id }: Wanted,
  ): ListVerdict<B, Body> {
    if (answer?.verdict.kind !== 'relay') throw new TypeError('There is no list to merge.');
    const [first] = parts.flatMap(({ source }) => source ?? []);
    const items = mergeLists(parts.map(({ source }) => source?.data ?? [])).map(withOpenAiKeys);
    const all = mergeLists([items, this.#namedItems(items, operation, shown)]);
    const data = shown === undefined ? all : all.filter(({ id }) => shown.has(String(id)));
    const entry = data.find((item) => item['id'] === id);
    if (entry !== undefined) return withList(answer.verdict, entry);
    const missing = parts.filter(({ source }) => source === undefined).map(({ name }) => name);
    return withList(answer.verdict, { ...frameOf(first, data, shown), data }, missing);
  }

  /** The deployments known only by the clients' names: Azure itself lists the models that could be deployed. */
  #namedItems(items: readonly ListItem[], operation: string, shown: Iterable<string> = []): ListItem[] {
    const known = new Map(items.map((item) => [item['id'], item]));
    const own = [...shown].map((name) => [name, name] as const);
    return [...this.#names, ...own].map(([name, actual]) => ({
      ...(known.get(actual) ?? NOTHING_KNOWN),
      object: operation === 'models' ? 'model' : 'deployment',
      id: name,
    }));
  }
}

const ENTRY = /^(models|deployments)(?:\/(.+))?$/;

/** Returns the list that an operation reads, and its entry if it reads only one. */
function readEntry(operation: string) {
  const [, collection, id] = ENTRY.exec(operation) ?? [];
  return collection === undefined ? undefined : { collection, id: id && percentDecoded(id) };
}

/** Returns the route of the list that has an entry. */
function listOf<Route extends { readonly operation: string; readonly path: string }>(
  route: Route,
  collection: string,
): Route {
  const { operation, path } = route;
  const [pathname = '', query] = path.split(/\?(.*)/s, 2);
  const base = pathname.slice(0, -operation.length) + collection;
  return { ...route, operation: collection, path: query === undefined ? base : `${base}?${query}` };
}

/** Returns the other members of a list; in a filtered one, none that may name other entries. */
function frameOf(list: List | undefined, data: readonly ListItem[], shown: ReadonlySet<string> | undefined) {
  if (shown === undefined || list === undefined) return list;
  const isPaged = 'first_id' in list || 'last_id' in list;
  return {
    ...('object' in list ? { object: list['object'] } : undefined),
    ...('has_more' in list ? { has_more: list['has_more'] } : undefined),
    ...(isPaged ? { first_id: data[0]?.['id'] ?? null, last_id: data.at(-1)?.['id'] ?? null } : undefined),
  };
}

/** In an answer of an unknown format it is unclear which parts may be shown. */
function withNothing<B extends Backend, Body extends ListBody>(
  answer: BackendAnswer<B, Body> | undefined,
): ListVerdict<B, Body> | undefined {
  if (answer?.verdict.kind !== 'relay' || !isSuccess(answer)) return undefined;
  if (answer.bytes === undefined) answer.verdict.answer.body.body.abort();
  return withList(answer.verdict, { object: 'list', data: [] });
}

const NOTHING_KNOWN: ListItem = { created: 0, owned_by: 'azure' };

/** OpenAI's clients expect these two, for which Azure has other names or none. */
function withOpenAiKeys(item: ListItem): ListItem {
  const { created = item['created_at'] ?? 0, owned_by = item['owner'] ?? 'azure' } = item;
  return { ...item, created, owned_by };
}
