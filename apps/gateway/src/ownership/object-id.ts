/** Azure's ids are shorter, and made of these; an id becomes part of a path, so it may be nothing that means another. */
const OBJECT_ID = /^\w[\w.:-]{0,255}$/;

/** The longest id that is taken for one. */
export const LONGEST_ID = 256;

/** Answers whether a text can be the id of a stored object. */
export function isObjectId(text: string): boolean {
  return OBJECT_ID.test(text);
}
