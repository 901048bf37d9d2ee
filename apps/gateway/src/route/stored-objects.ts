/** A stored object that a request is about. */
export interface Reference {
  readonly id: string;
  /** Where the object can be asked for: `<collection>/<id>`. Some objects cannot be asked for. */
  readonly collection: string | undefined;
}

/** Collections whose objects can be asked for by a GET of `<collection>/<id>`. Not every collection has one. */
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

/** Returns whether an object can be asked for without changing it. */
export function isAskable({ collection }: Reference): boolean {
  return collection !== undefined && ASKABLE.has(collection);
}

/** Never more than this, and made of these; an id becomes part of a path, so it may be nothing that means another. */
const SAFE = /^\w[\w.:-]{0,255}$/;

/** The longest id that is taken for one. */
export const LONGEST_ID = 256;

/** Returns whether a text can stand for an object in a path at all. */
export function isPathSafe(text: string): boolean {
  return SAFE.test(text);
}

/** Returns what a part of a path names: behind a colon it may have what is to be done with that. */
export function withoutAction(segment: string): string {
  return segment.includes(':') ? segment.replace(/(?<=.):[A-Za-z_]+$/, '') : segment;
}

/** How the ids begin that the API documents. No operation is called so. */
const DOCUMENTED =
  /^(?:(?:file|assistant|ftjob|ftckpt|chatcmpl)-|(?:resp|conv|msg|rs|fc|ctc|cmp|ws|fs|ci|ig|cu|mcp|mcpl|mcpr|lsh|sh|apc|asst|thread|run|step|vs|vsfb|batch|eval|evalrun|outputitem|upload|part|cntr|cfile|video|char|task|gen|skill|rtc|pmpt)_)./;

/** Without such a beginning: a word before a number, or so long that no operation is, with a digit, as UUIDs are. */
const NUMBERED = /^(?=.*\d)(?:[A-Za-z]+[_-].|.{16})/;

/**
 * Returns whether a text has the shape of an object's id, which is told from names of operations (`compact`, `input_tokens`)
 * and from words of clients by how it begins, or by its digits.
 */
export function isObjectId(text: string): boolean {
  return SAFE.test(text) && (DOCUMENTED.test(text) || NUMBERED.test(text));
}
