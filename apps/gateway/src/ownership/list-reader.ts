import type { Backend } from '@spillway/core';
import { searchOf, withoutQuery } from '../route/clean-path.ts';
import type { BackendQuestions } from './ask-backend.ts';
import {
  createdOf,
  idOf,
  type ListPage,
  pageBehind,
  pathOfPage,
  type PageWanted,
  readPage,
  withoutPage,
} from './list-page.ts';
import type { Place } from './list-places.ts';
import { isObject, type ListItem } from './merge-lists.ts';
import { type CursorPlace, isAscending, isGivenOut, type Source } from './merge-pages.ts';
import { isByTokens, type PageToken, pathWithToken, tokenBehind } from './page-tokens.ts';
import type { BackendAnswer } from './read-answer.ts';
import type { ReadableBody } from './watched-body.ts';

/** A backend's part of a page. */
export interface Part<B extends Backend, Body> {
  readonly name: string;
  /** Its last answer. */
  readonly answer: BackendAnswer<B, Body>;
  /** Its list as returned; undefined if it returned none. */
  readonly page: ListPage | undefined;
  readonly source: Source | undefined;
}

/** The length of a page that is only read to find a place. */
const WALKED_ITEMS = 100;
/** The length of a page by default. */
export const USUAL_ITEMS = 20;
/** The limit on their number. */
const MAX_WALKED_PAGES = 100;

/** Returns whether a client may see an object, and its list therefore includes it. */
export type IsShown = (item: ListItem) => Promise<boolean>;

/** The destination of a list request. */
export interface ListDestination {
  readonly path: string;
  readonly operation: string;
  readonly deployment: string;
}

/** Reads pages of one list from single backends. */
export class ListReader<B extends Backend, Body extends { readonly body: ReadableBody }> {
  readonly #questions: Pick<BackendQuestions<never, ListDestination, B, Body>, 'ask'>;
  readonly #path: string;
  readonly #operation: string;
  readonly #wanted: PageWanted;
  readonly #isShown: IsShown | undefined;

  /** @param isShown tells whether the client may see an object; undefined if it may see all */
  constructor(
    questions: Pick<BackendQuestions<never, ListDestination, B, Body>, 'ask'>,
    { path, operation }: { readonly path: string; readonly operation: string },
    wanted: PageWanted,
    isShown?: IsShown,
  ) {
    this.#questions = questions;
    this.#path = path;
    this.#operation = operation;
    this.#wanted = wanted;
    this.#isShown = isShown;
  }

  /** Reads the page after an object of the backend, or its first page. */
  async readBehind(name: string, after: string | undefined): Promise<Part<B, Body>> {
    const { answer, page } = await this.#readPage(name, after);
    return { name, answer, page, source: page && { name, items: page.data, hasMore: page.has_more, after } };
  }

  /**
   * Reads the page at a remembered place. A cleaning-up client deletes the object that it follows: the object's creation
   * time leads there too.
   */
  async readAt({ behind, cursor }: Place, name: string, index: number): Promise<Part<B, Body>> {
    const part = await this.readBehind(name, behind.get(name));
    const isRefused = part.source === undefined && part.answer.verdict.kind === 'relay';
    return isRefused ? this.readBehindOther(name, index, cursor) : part;
  }

  /** Reads the page of a token that the backend has given out. */
  async readAtToken({ name, token }: PageToken): Promise<Part<B, Body>> {
    const isShown = this.#isShown;
    const { answer, page } = await (isShown === undefined
      ? this.#askAtToken(name, token)
      : this.#readShown(name, undefined, this.#wanted.limit ?? USUAL_ITEMS, isShown, token));
    const source = page && { name, items: page.data, hasMore: page.has_more, after: undefined };
    return { name, answer, page, source };
  }

  /**
   * Reads a backend's objects after the cursor of another backend: from the beginning of its list, as there is no other
   * way.
   */
  async readBehindOther(name: string, index: number, cursor: CursorPlace): Promise<Part<B, Body>> {
    let after: string | undefined;
    for (let count = 1; ; count++) {
      const { answer, page } = await this.#readPage(name, after, WALKED_ITEMS);
      if (page === undefined) return { name, answer, page, source: undefined };
      const order = isAscending(this.#wanted.order, [page.data], this.#operation);
      const isLeft = (item: ListItem) => !isGivenOut(item, index, cursor, order);
      const from = page.data.findIndex(isLeft);
      const last = page.data.at(from === -1 ? -1 : from - 1);
      if (from !== 0) after = (last && idOf(last)) ?? after;
      if (from !== -1 || !page.has_more) {
        const items = from === -1 ? [] : page.data.slice(from);
        return { name, answer, page, source: { name, items, hasMore: page.has_more, after } };
      }
      if (count === MAX_WALKED_PAGES) return { name, answer, page, source: undefined };
    }
  }

  /** Returns when the object was created after which the list continues; undefined if its backend does not say. */
  async readCreated(name: string, id: string): Promise<number | undefined> {
    const list = withoutPage(this.#path);
    const { json } = await this.#questions.ask(name, {
      path: `${withoutQuery(list)}/${id}${searchOf(list)}`,
      operation: `${this.#operation}/${id}`,
      deployment: '',
    });
    return isObject(json) ? createdOf(json) : undefined;
  }

  async #readPage(name: string, after: string | undefined, limit?: number) {
    if (this.#isShown === undefined) return this.#readPlainPage(name, after, limit);
    return this.#readShown(name, after, limit ?? this.#wanted.limit ?? USUAL_ITEMS, this.#isShown);
  }

  async #readPlainPage(name: string, after: string | undefined, limit?: number) {
    const { isClaudes, isBackward } = this.#wanted;
    if (!isClaudes || !isBackward) return this.#ask(name, this.#wanted, after, limit);
    if (after === undefined) return this.#readTurned(name);
    const { answer, page } = await this.#ask(name, this.#wanted, after, limit);
    return { answer, page: page && pageBehind(turned(page), after) };
  }

  /** Reads a list with only one order in the opposite one, which requires reading all of it. */
  async #readTurned(name: string) {
    const forward = { ...this.#wanted, isBackward: false };
    const data: ListItem[] = [];
    let last: ListItem | undefined;
    for (let count = 1; ; count++) {
      const { answer, page } = await this.#ask(name, forward, last && idOf(last), WALKED_ITEMS);
      if (page === undefined || count === MAX_WALKED_PAGES) return { answer, page: undefined };
      data.push(...page.data);
      last = page.data.at(-1);
      if (!page.has_more) return { answer, page: turned({ ...page, data }) };
    }
  }

  async #ask(name: string, wanted: PageWanted, after: string | undefined, limit?: number) {
    const path = pathOfPage(this.#path, wanted, after, limit);
    const answer = await this.#questions.ask(name, { path, operation: this.#operation, deployment: '' });
    const page = readPage(answer.json);
    return { answer, page: page && after !== undefined ? pageBehind(page, after) : page };
  }

  async #askAtToken(name: string, token: string) {
    const path = pathWithToken(this.#path, token);
    const answer = await this.#questions.ask(name, { path, operation: this.#operation, deployment: '' });
    return { answer, page: readPage(answer.json) };
  }

  /** Reads on until a page is full of objects that the client may see: an SDK takes an empty page for the end. */
  async #readShown(
    name: string,
    after: string | undefined,
    limit: number,
    isShown: IsShown,
    startToken?: string,
  ) {
    const data: ListItem[] = [];
    let behind = after;
    let token = startToken;
    for (let count = 1; ; count++) {
      const { answer, page } = await (token === undefined
        ? this.#readPlainPage(name, behind, WALKED_ITEMS)
        : this.#askAtToken(name, token));
      if (page === undefined) return { answer, page };
      for (const item of page.data) if (await isShown(item)) data.push(item);
      const last = page.data.at(-1);
      behind = last && idOf(last);
      token = tokenBehind(page);
      const isEnd = isByTokens(page) ? token === undefined : !page.has_more || behind === undefined;
      const isOver = isEnd || count === MAX_WALKED_PAGES;
      if (isOver || data.length >= limit)
        return { answer, page: { ...page, data, has_more: page.has_more && !isOver } };
    }
  }
}

function turned(page: ListPage): ListPage {
  return { ...page, data: page.data.toReversed() };
}
