import type { ObjectBody, StoredObject } from '../stored/stored-object.ts';
import type { StoredObjects } from '../stored/stored-objects.ts';
import type { InvalidAnswer, ModelAnswer, ObjectCall } from './model-call.ts';

/** One kind of objects that a resource keeps. */
export interface ObjectKind {
  /** The path of their list, which is also the name of their shelf: `files`, `threads/{id}/messages`. */
  readonly path: string;
  /** The part of the path before their own id. */
  readonly owner?: ObjectKind;
  /** Says that there is no such object. */
  readonly missing: (id: string) => InvalidAnswer;
  /** Makes the answer's JSON where it differs from the stored one. */
  readonly show?: (object: StoredObject, stored: StoredObjects) => ObjectBody;
}

/** Says with 404 that something is not there, in OpenAI's shape. */
export function missing(message: string, param: string | null = null, code?: string): InvalidAnswer {
  return { kind: 'invalid', status: 404, message, param, ...(code === undefined ? {} : { code }) };
}

/** Says that a call lacks a required name. */
export function required(param: string): InvalidAnswer {
  const message = `Missing required parameter: '${param}'.`;
  return { kind: 'invalid', message, param, code: 'missing_required_parameter' };
}

/** Answers with an object's JSON. */
export function show(kind: ObjectKind, object: StoredObject, stored: StoredObjects): ModelAnswer {
  return json(kind.show?.(object, stored) ?? object.body);
}

/** Answers with any JSON. */
export function json(body: unknown): ModelAnswer {
  return { kind: 'json', body: JSON.stringify(body) };
}

/** Keeps a new object and answers with it. */
export function create(kind: ObjectKind, object: StoredObject, stored: StoredObjects): ModelAnswer {
  stored.shelf(kind.path).put(object);
  return show(kind, object, stored);
}

/** Acts on the object that the path names, or says which of the path's objects is missing. */
export function withObject(
  kind: ObjectKind,
  call: Pick<ObjectCall, 'ids' | 'stored'>,
  act: (object: StoredObject) => ModelAnswer,
): ModelAnswer {
  const { ids, stored } = call;
  const id = ids.at(-1) ?? '';
  const find = (owner?: string) => {
    const object = stored.shelf(kind.path).get(id, owner);
    return object === undefined ? kind.missing(id) : act(object);
  };
  if (kind.owner === undefined) return find();
  return withObject(kind.owner, { ids: ids.slice(0, -1), stored }, () => find(ids.at(-2)));
}

/** Acts when every object before the last part of the path exists: `owner` is the id of the new object's owner. */
export function withOwner(
  kind: ObjectKind,
  call: Pick<ObjectCall, 'ids' | 'stored'>,
  act: (owner: string | undefined) => ModelAnswer,
): ModelAnswer {
  return kind.owner === undefined ? act(undefined) : withObject(kind.owner, call, ({ id }) => act(id));
}
