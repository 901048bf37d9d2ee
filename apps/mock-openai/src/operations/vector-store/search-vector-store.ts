import { json, required, withObject } from '../../calls/object-kind.ts';
import { fileKind } from '../file/file-kind.ts';
import { vectorStoreFileKind, vectorStoreKind } from './vector-store-kind.ts';
import type { ModelAnswer, ObjectCall } from '../../calls/model-call.ts';
import type { ObjectBody } from '../../stored/stored-object.ts';

const usualResults = 10;
const mostResults = 50;
const textLimit = 3200;

/** Answers with the files whose text has the words of the query, those with the most of them first. */
export function searchVectorStore(call: ObjectCall): ModelAnswer {
  // The path's last id is the store's own.
  return withObject(vectorStoreKind, call, ({ id }) => {
    const { query, max_num_results: asked } = call.body;
    if (query === undefined) return required('query');
    const queries = (Array.isArray(query) ? query : [query]).map(String);
    const limit = typeof asked === 'number' && asked >= 1 ? Math.min(asked, mostResults) : usualResults;
    const found = rate(call, id, wordsOf(queries.join(' ')));
    return json({
      object: 'vector_store.search_results.page',
      search_query: queries,
      data: found.slice(0, limit),
      has_more: found.length > limit,
      next_page: null,
    });
  });
}

function rate({ stored }: ObjectCall, store: string, words: ReadonlySet<string>): ObjectBody[] {
  const files = stored.shelf(fileKind.path);
  const rated = stored
    .shelf(vectorStoreFileKind.path)
    .of(store)
    .map(({ id, body }) => {
      const file = files.get(id);
      const text = file?.bytes?.subarray(0, textLimit).toString() ?? '';
      return {
        file_id: id,
        filename: file?.body['filename'] ?? null,
        score: scoreOf(wordsOf(text), words),
        attributes: body['attributes'],
        content: [{ type: 'text', text }],
      };
    });
  return rated.filter(({ score }) => score > 0).toSorted((one, other) => other.score - one.score);
}

/** The share of the wanted words that a text has. */
function scoreOf(has: ReadonlySet<string>, wanted: ReadonlySet<string>): number {
  const shared = [...wanted].filter((word) => has.has(word)).length;
  return wanted.size === 0 ? 0 : shared / wanted.size;
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu));
}
