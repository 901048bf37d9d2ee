import { countExactly, splitTokens } from '../tokens/tokenizer.ts';
import type { Encoding } from '../tokens/encoding-of.ts';

/** The text of an answer, token by token as a stream sends it. */
export interface Reply {
  readonly pieces: readonly string[];
  readonly text: string;
  /** The text as a JSON string, quotes included. */
  readonly json: string;
}

// Each word is one token in both encodings, and stays one wherever the text ends.
const filler = ' The quick brown fox jumps over the lazy dog and runs on to the next hill.'.split(
  /(?= )|(?=\.)/,
);
const cacheSize = 64;
const cache = new Map<string, Reply>();
// A client often asks for the same length repeatedly: then not even the key has to be made.
let last: {
  readonly name: string;
  readonly tokens: number;
  readonly encoding: Encoding;
  readonly reply: Reply;
} = { name: '', tokens: 0, encoding: 'o200k_base', reply: { pieces: [], text: '', json: '""' } };

/** Writes a reply of this many tokens that says which mock it comes from. */
export function makeReply(name: string, tokens: number, encoding: Encoding): Reply {
  const isLast = last.name === name && last.tokens === tokens && last.encoding === encoding;
  if (!isLast) last = { name, tokens, encoding, reply: findReply(name, tokens, encoding) };
  return last.reply;
}

/** Makes a reply of a given text. */
export function toReply(text: string, encoding: Encoding): Reply {
  return { pieces: piecesOf(text, encoding), text, json: JSON.stringify(text) };
}

/** Splits a text as a stream sends it: into its tokens, or not at all where a token is only part of a character. */
export function piecesOf(text: string, encoding: Encoding): readonly string[] {
  if (text === '') return [];
  return splitTokens(text, encoding) ?? [text];
}

function findReply(name: string, tokens: number, encoding: Encoding): Reply {
  const key = `${tokens}/${encoding}/${name}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const pieces = replyPieces(name, tokens, encoding);
  const text = pieces.join('');
  const reply = { pieces, text, json: JSON.stringify(text) };
  if (cache.size >= cacheSize) cache.clear();
  cache.set(key, reply);
  return reply;
}

function replyPieces(name: string, tokens: number, encoding: Encoding): readonly string[] {
  const hello = splitTokens(`Hello from ${name}.`, encoding) ?? [];
  const pieces = fill(hello, tokens);
  // A cut name whose beginning consists of other tokens is left out.
  return countExactly(pieces.join(''), encoding) === tokens ? pieces : fill([], tokens);
}

function fill(hello: readonly string[], tokens: number): string[] {
  return Array.from(
    { length: tokens },
    (_, index) => hello[index] ?? filler[(index - hello.length) % filler.length] ?? '',
  );
}
