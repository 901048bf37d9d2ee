import { pageOf } from '../stored/page.ts';
import { json, show, withObject, withOwner } from './object-kind.ts';
import type { StoredObject } from '../stored/stored-object.ts';
import type { StoredObjects } from '../stored/stored-objects.ts';
import type { ModelAnswer } from './model-call.ts';
import type { ObjectKind } from './object-kind.ts';
import type { ObjectOperation } from './operation.ts';

/** The options of a list of objects. */
export interface Listing {
  /** The length of a page when the query does not say (20). */
  readonly usualLimit?: number;
  /** The query parameter that filters objects, and the field that it is compared with. */
  readonly filter?: { readonly parameter: string; readonly field: string };
}

/** Lists the objects of a kind, page by page. */
export function listing(kind: ObjectKind, { usualLimit = 20, filter }: Listing = {}): ObjectOperation {
  return {
    method: 'GET',
    path: kind.path,
    answer: (call) =>
      withOwner(kind, call, (owner) => {
        const objects = call.stored.shelf(kind.path).of(owner);
        const all = objects.map((object) => kind.show?.(object, call.stored) ?? object.body);
        const wanted = filter === undefined ? null : call.query.get(filter.parameter);
        const kept = wanted === null ? all : all.filter((body) => body[filter?.field ?? ''] === wanted);
        return json(pageOf(kept, call.query, usualLimit));
      }),
  };
}

/** Answers with one object, which advances one step while there are steps left. */
export function getting(kind: ObjectKind): ObjectOperation {
  return {
    method: 'GET',
    path: `${kind.path}/{id}`,
    answer: (call) =>
      withObject(kind, call, (object) => show(kind, advance(kind, object, call.stored), call.stored)),
  };
}

/** Changes the named fields of an object. */
export function changing(kind: ObjectKind, fields: readonly string[]): ObjectOperation {
  return {
    method: 'POST',
    path: `${kind.path}/{id}`,
    answer: (call) =>
      withObject(kind, call, (object) => {
        const given = fields.filter((field) => call.body[field] !== undefined);
        const changes = Object.fromEntries(given.map((field) => [field, call.body[field]]));
        const changed = { ...object, body: { ...object.body, ...changes } };
        call.stored.shelf(kind.path).put(changed);
        return show(kind, changed, call.stored);
      }),
  };
}

/** Deletes an object; `name` is its name in the answer. */
export function deleting(kind: ObjectKind, name: string): ObjectOperation {
  return {
    method: 'DELETE',
    path: `${kind.path}/{id}`,
    answer: (call) =>
      withObject(kind, call, ({ id, owner }) => {
        call.stored.shelf(kind.path).delete(id, owner);
        return json({ id, object: name, deleted: true });
      }),
  };
}

/** Stops an unfinished object, and answers with its new state. */
export function cancelling(
  kind: ObjectKind,
  cancelled: (object: StoredObject) => StoredObject,
): ObjectOperation {
  return {
    method: 'POST',
    path: `${kind.path}/{id}/cancel`,
    answer: (call) =>
      withObject(kind, call, (object) => {
        const { later = [] } = object;
        if (later.length === 0) return finished(object);
        const stopped = cancelled({ ...object, later: [] });
        call.stored.shelf(kind.path).put(stopped);
        return show(kind, stopped, call.stored);
      }),
  };
}

function finished({ body }: StoredObject): ModelAnswer {
  const message = `Cannot cancel ${String(body['object'])} with status '${String(body['status'])}'.`;
  return { kind: 'invalid', message, param: null };
}

function advance(kind: ObjectKind, object: StoredObject, stored: StoredObjects): StoredObject {
  const [next, ...later] = object.later ?? [];
  if (next === undefined) return object;
  const advanced = { ...object, body: next(object.body), later };
  stored.shelf(kind.path).put(advanced);
  return advanced;
}
