import { JsonCursor } from '../body/json-cursor.ts';

/**
 * Returns how many prompts a completion has, each of which gets answers of its own: in a list, each text and each list of tokens is
 * one. A text, or one list of tokens, is one.
 *
 * @param at where the value begins in the body
 */
export function countPrompts(body: Buffer, at: number): number {
  const cursor = new JsonCursor(body);
  cursor.at = at;
  if (cursor.pass() !== 'list') return 1;
  let prompts = 0;
  for (let token = cursor.pass(); cursor.depth > 0 && token !== 'end'; token = cursor.pass()) {
    if (token === 'string' && cursor.depth === 1) prompts++;
    else if (token === 'list' && cursor.depth === 2) prompts++;
  }
  return Math.max(1, prompts);
}
