import { JsonCursor } from '../body/json-cursor.ts';

/**
 * Returns the number of prompts of a completion, each of which gets its own answers. In a list, each text and each list
 * of tokens is one prompt. A single text, or one list of tokens, is one.
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
