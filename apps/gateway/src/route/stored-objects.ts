/** A stored object that a request concerns. */
export interface Reference {
  readonly id: string;
  /** The path of the object: `<collection>/<id>`. Some objects have none. */
  readonly collection: string | undefined;
}

/** Collections whose objects can be read by a GET of `<collection>/<id>`. Not every collection allows that. */
const ASKABLE: ReadonlySet<string> = new Set([
  'responses',
  'files',
  'batches',
  'threads',
  'assistants',
  'vector_stores',
  'fine_tuning/jobs',
  'conversations',
  'evals',
  'containers',
  'videos',
  'video/generations/jobs',
  'chat/completions',
]);

/** Returns whether an object can be read without changing it. */
export function isAskable({ collection }: Reference): boolean {
  return collection !== undefined && ASKABLE.has(collection);
}

/** The characters and the length of ids. An id becomes part of a path, so it must not stand for another path. */
const SAFE = /^\w[\w.:-]{0,255}$/;

/** A longer text is no id. */
export const LONGEST_ID = 256;

/** Returns whether a text can be an object's id in a path at all. */
export function isPathSafe(text: string): boolean {
  return SAFE.test(text);
}

/** Returns the name in a segment of a path: after a colon there may be an action on it. */
export function withoutAction(segment: string): string {
  return segment.includes(':') ? segment.replace(/(?<=.):[A-Za-z_]+$/, '') : segment;
}

/** The beginnings of ids that the API documents. No operation begins like this. */
const DOCUMENTED =
  /^(?:(?:file|assistant|ftjob|ftckpt|chatcmpl)-|(?:resp|conv|msg|rs|fc|ctc|cmp|ws|fs|ci|ig|cu|mcp|mcpl|mcpr|lsh|sh|apc|asst|thread|run|step|vs|vsfb|batch|eval|evalrun|outputitem|upload|part|cntr|cfile|video|char|task|gen|skill|rtc|pmpt)_)./;

/**
 * Without such a beginning: a word before a number, or a text with a digit that is longer than any operation, like a
 * UUID.
 */
const NUMBERED = /^(?=.*\d)(?:[A-Za-z]+[_-].|.{16})/;

/**
 * Returns whether a text has the form of an object's id. Its beginning, or its digits, distinguish it from names of
 * operations (`compact`, `input_tokens`) and from clients' words.
 */
export function isObjectId(text: string): boolean {
  return SAFE.test(text) && (DOCUMENTED.test(text) || NUMBERED.test(text));
}
