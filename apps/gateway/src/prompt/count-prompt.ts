import type { JsonCursor } from '../body/json-cursor.ts';

/** Azure counts a prompt's characters, not its tokens; about four make a token. */
const CHARACTERS_PER_TOKEN = 4;

/**
 * OpenAI's models charge this for an image of 1024 by 1024 pixels, whose size is unknown here: 85 tokens, and in high
 * detail 170 more for each of four tiles. The image's bytes do not show its size: they are compressed, and may be
 * stored elsewhere.
 */
const IMAGE_TOKENS = 765;
const LOW_DETAIL_TOKENS = 85;

/**
 * Passes a prompt and estimates its tokens: a text, lists of texts or tokens, or messages and items with their parts.
 * Each text is rounded up to whole tokens. Anything but text and images counts nothing.
 */
export function countPrompt(cursor: JsonCursor): number {
  const { depth } = cursor;
  let tokens = 0;
  let images = 0;
  let lowImages = 0;
  do {
    const kind = cursor.pass();
    if (kind === 'end') break;
    if (kind === 'number' && cursor.depth > depth) tokens++;
    if (kind !== 'string' && kind !== 'key') continue;
    // A string that is no key is a text by itself, or in a list.
    const field = kind === 'key' ? fieldOf(cursor) : 'text';
    if (field === 'text') tokens += textTokens(cursor);
    else if (field === 'image') images++;
    else if (field === 'low-detail') lowImages++;
  } while (cursor.depth > depth);
  const low = Math.min(images, lowImages);
  return tokens + low * LOW_DETAIL_TOKENS + (images - low) * IMAGE_TOKENS;
}

/** Passes the value of the last key, unless it is an object or list, and returns how it counts. */
function fieldOf(cursor: JsonCursor): 'text' | 'image' | 'low-detail' | 'other' {
  const key = keyOf(cursor);
  if (cursor.passLeaf() !== 'string') return 'other';
  switch (key) {
    case 'type':
      return cursor.isKey('image_url') || cursor.isKey('input_image') ? 'image' : 'other';
    case 'detail':
      return cursor.isKey('low') ? 'low-detail' : 'other';
    default:
      return key;
  }
}

type PromptKey = 'text' | 'type' | 'detail' | 'other';

/** Texts are messages, tool calls and tool results. */
const KEYS: Readonly<Record<string, PromptKey>> = {
  text: 'text',
  type: 'type',
  detail: 'detail',
  output: 'text',
  content: 'text',
  arguments: 'text',
};

/** Keys are decoded: escapes must not keep a prompt from being counted. */
function keyOf(cursor: JsonCursor): PromptKey {
  const found = plainKeyOf(cursor);
  if (found !== 'other' || cursor.end - cursor.start < SHORTEST_ESCAPED) return found;
  const name = cursor.unescaped;
  return name !== undefined && Object.hasOwn(KEYS, name) ? (KEYS[name] as PromptKey) : 'other';
}

/** The length of the shortest key with one letter escaped. */
const SHORTEST_ESCAPED = '\\u0074ext'.length;

/** By length, as making a text of each key costs more. */
function plainKeyOf(cursor: JsonCursor): PromptKey {
  switch (cursor.end - cursor.start) {
    case 4:
      return cursor.isWritten('text') ? 'text' : cursor.isWritten('type') ? 'type' : 'other';
    case 6:
      return cursor.isWritten('detail') ? 'detail' : cursor.isWritten('output') ? 'text' : 'other';
    case 7:
      return cursor.isWritten('content') ? 'text' : 'other';
    case 9:
      return cursor.isWritten('arguments') ? 'text' : 'other';
    default:
      return 'other';
  }
}

/** Returns the tokens of the last passed string. */
function textTokens(cursor: JsonCursor): number {
  return Math.ceil(cursor.characters / CHARACTERS_PER_TOKEN);
}
