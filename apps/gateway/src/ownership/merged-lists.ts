import type { Backend, FailoverRequest, Verdict } from '@spillway/core';
import { type AskableRequest, type AskingParts, BackendQuestions } from './ask-backend.ts';
import type { ClientObjects } from './client-objects.ts';
import { fewAtOnce } from './few-at-once.ts';
import { boundByBackends, idOf, type PageWanted, readWanted } from './list-page.ts';
import { ListPlaces } from './list-places.ts';
import { type IsShown, type ListDestination, ListReader, type Part, USUAL_ITEMS } from './list-reader.ts';
import { type Bound, cutAt, isAscending, type MergedPage, mergePages } from './merge-pages.ts';
import { GatewayError } from '../errors.ts';
import {
  answerToRelay,
  isSuccess,
  type ListBody,
  type ListVerdict,
  withList,
  withoutList,
} from './list-verdict.ts';
import { mergeByTokens, pageOf } from './made-page.ts';
import type { OwnerStore } from './owner-store.ts';
import { isByTokens, type PageToken, readTokens } from './page-tokens.ts';
import type { BackendAnswer } from './read-answer.ts';
import { mergeValues, readNext } from './value-lists.ts';

interface MergedListsParts<Request, B extends Backend, Body> extends AskingParts<
  Request,
  ListDestination,
  B,
  Body
> {
  readonly owners: OwnerStore;
  /** The objects of the one client that this is for; undefined where clients are not told apart. */
  readonly ofClient?: ClientObjects | undefined;
}

/** Returns lists of stored objects from all backends as one, page by page. */
export class MergedLists<Request extends AskableRequest, B extends Backend, Body extends ListBody> {
  readonly #parts: MergedListsParts<Request, B, Body>;
  readonly #names: readonly string[];
  readonly #places = new ListPlaces();

  constructor(parts: MergedListsParts<Request, B, Body>) {
    this.#parts = parts;
    this.#names = parts.pool.backends.map(({ name }) => name);
  }

  /**
   * Reads a page of a list from all backends.
   *
   * @param ownerOf finds the backend of the object next to the page, or at its end
   */
  async run(
    request: Request,
    route: ListDestination,
    routing: FailoverRequest,
    ownerOf: (id: string) => Promise<string | Verdict<B, Body> | undefined>,
  ): Promise<ListVerdict<B, Body>> {
    // The owner of the entries in a list with links is unknown.
    const next = this.#parts.ofClient ? undefined : readNext(route.path, this.#names);
    if (next !== undefined) return this.#readNext(request, route, routing, next);
    const tokens = readTokens(route.path, this.#names);
    if (tokens !== undefined) return this.#readAtTokens(request, route, routing, tokens);
    const asked = readWanted(route.path);
    const place = this.#places.of(route.operation, asked);
    const owner = place === undefined && asked.cursor !== undefined ? await ownerOf(asked.cursor) : undefined;
    if (typeof owner === 'object') return owner;
    const ownerOfBound = asked.bound === undefined ? undefined : await ownerOf(asked.bound);
    if (typeof ownerOfBound === 'object') return ownerOfBound;

    const questions = new BackendQuestions(this.#parts, request, routing);
    const readerOf = (page: PageWanted) => new ListReader<B, Body>(questions, route, page, this.#isShown);
    const bound = await this.#readBound(readerOf(asked), asked, ownerOfBound);
    const wanted = bound === undefined ? boundByBackends(asked) : asked;
    const reader = readerOf(wanted);
    const parts = place
      ? await this.#forAll(wanted, (name, index) => reader.readAt(place, name, index))
      : await this.#readParts(reader, wanted, owner);
    return this.#answerWith(parts, questions, request, route, wanted, bound);
  }

  /** Reads a further page of a list with page tokens. */
  async #readAtTokens(
    request: Request,
    route: ListDestination,
    routing: FailoverRequest,
    tokens: readonly PageToken[],
  ): Promise<ListVerdict<B, Body>> {
    const questions = new BackendQuestions(this.#parts, request, routing);
    const wanted = readWanted(route.path);
    const reader = new ListReader<B, Body>(questions, route, wanted, this.#isShown);
    const parts = await fewAtOnce(tokens, (one) => reader.readAtToken(one));
    return this.#answerWith(parts, questions, request, route, wanted);
  }

  /** Reads a further page of a list with links. */
  async #readNext(
    request: Request,
    route: ListDestination,
    routing: FailoverRequest,
    next: readonly { readonly name: string; readonly path: string }[],
  ): Promise<ListVerdict<B, Body>> {
    const questions = new BackendQuestions(this.#parts, request, routing);
    const parts = await fewAtOnce(next, async ({ name, path }) => {
      const answer = await questions.ask(name, { ...route, path });
      return { name, answer, page: undefined, source: undefined };
    });
    return this.#answerWith(parts, questions, request, route, readWanted(route.path));
  }

  #answerWith(
    parts: readonly Part<B, Body>[],
    questions: Pick<BackendQuestions<Request, ListDestination, B, Body>, 'attempts' | 'releaseAllBut'>,
    { client, headers }: Request,
    { operation, path }: ListDestination,
    wanted: PageWanted,
    bound?: Bound,
  ): ListVerdict<B, Body> {
    const { attempts } = questions;
    if (client.hasLeft) {
      questions.releaseAllBut(undefined);
      return { kind: 'abandoned', attempts };
    }
    const answer = answerToRelay(parts);
    const isList = parts.some(({ source }) => source);
    // An unreadable list cannot be filtered to the client's own objects.
    const isUnread = !isList && this.#parts.ofClient !== undefined && isSuccess(answer);
    questions.releaseAllBut(isUnread ? undefined : answer);
    if (isUnread) throw new GatewayError('not-found', 'This list cannot be limited to one client.');
    if (isList) return { ...this.#merge(parts, answer, operation, wanted, bound), attempts };
    const values = mergeValues(parts, path, (to) => this.#parts.links.to(to, headers));
    const verdict =
      values !== undefined && answer?.verdict.kind === 'relay'
        ? withList(answer.verdict, values.list, values.missing)
        : withoutList(parts, answer);
    return { ...verdict, attempts };
  }

  /** The owner of an object without an id is unknown. */
  get #isShown(): IsShown | undefined {
    const { ofClient } = this.#parts;
    return ofClient && (async (item) => ofClient.isReached(idOf(item) ?? ''));
  }

  /** Reads the end of a bounded list; undefined if it is unknown. */
  async #readBound(
    reader: ListReader<B, Body>,
    { bound: id }: PageWanted,
    owner: string | undefined,
  ): Promise<Bound | undefined> {
    if (id === undefined || owner === undefined) return undefined;
    const created = await reader.readCreated(owner, id);
    return created === undefined ? undefined : { id, created, index: this.#names.indexOf(owner) };
  }

  #readParts(
    reader: ListReader<B, Body>,
    wanted: PageWanted,
    owner: string | undefined,
  ): Promise<Part<B, Body>[]> {
    const { cursor } = wanted;
    // Only a backend can explain what is wrong with an unknown cursor.
    if (cursor === undefined || owner === undefined)
      return this.#forAll(wanted, (name) => reader.readBehind(name, cursor));
    return this.#readBehindOwner(reader, { ...wanted, cursor }, owner);
  }

  async #readBehindOwner(
    reader: ListReader<B, Body>,
    wanted: PageWanted & { readonly cursor: string },
    owner: string,
  ): Promise<Part<B, Body>[]> {
    const { cursor: id } = wanted;
    const created = await reader.readCreated(owner, id);
    if (created === undefined) return [await reader.readBehind(owner, id)];
    const cursor = { created, index: this.#namesIn(wanted).indexOf(owner) };
    return this.#forAll(wanted, (name, index) =>
      name === owner ? reader.readBehind(name, id) : reader.readBehindOther(name, index, cursor),
    );
  }

  /** Within the same second the objects of the first backend come first; in a reversed list, last. */
  #namesIn({ isBackward }: PageWanted): readonly string[] {
    return isBackward ? this.#names.toReversed() : this.#names;
  }

  /** Asks all backends. */
  #forAll(
    wanted: PageWanted,
    read: (name: string, index: number) => Promise<Part<B, Body>>,
  ): Promise<Part<B, Body>[]> {
    return fewAtOnce(this.#namesIn(wanted), read);
  }

  #merge(
    parts: readonly Part<B, Body>[],
    answer: BackendAnswer<B, Body> | undefined,
    operation: string,
    wanted: PageWanted,
    bound: Bound | undefined,
  ): ListVerdict<B, Body> {
    if (answer?.verdict.kind !== 'relay') throw new TypeError('There is no list to merge.');
    const sources = parts.flatMap(({ source }) => source ?? []);
    const limit = wanted.limit ?? (this.#parts.ofClient && USUAL_ITEMS);
    const lists = sources.map(({ items }) => items);
    const order = isAscending(wanted.order, lists, operation);
    if (parts.some(({ page }) => isByTokens(page))) {
      const { data, list, missing } = mergeByTokens(parts, order);
      this.#remember(data, operation);
      return withList(answer.verdict, list, missing);
    }
    const cut =
      bound && sources.map((source) => cutAt(source, this.#names.indexOf(source.name), bound, order));
    const merged = mergePages(cut ?? sources, limit, order);
    this.#remember(merged.data, operation);
    this.#places.remember(operation, wanted, merged, this.#namesIn(wanted));
    const missing = this.#names.filter((name) => sources.every((one) => one.name !== name));
    return withList(answer.verdict, pageOf(parts, merged, wanted), missing);
  }

  #remember(data: MergedPage['data'], operation: string): void {
    const { owners } = this.#parts;
    const shown = owners.forRequest?.(false, operation) ?? owners;
    for (const { item, name } of data) shown.remember(idOf(item) ?? '', name);
  }
}
