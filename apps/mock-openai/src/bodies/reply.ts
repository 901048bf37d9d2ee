/** The text of an answer, piece by piece as a stream sends it. */
export interface Reply {
  readonly pieces: readonly string[];
  readonly text: string;
  /** The text as a JSON string, quotes included. */
  readonly json: string;
}

const filler = ' The quick brown fox jumps over the lazy dog and runs on to the next hill.'.split(/(?= )/);
const cacheSize = 64;
const cache = new Map<string, Reply>();

/** Writes a reply of `tokens` pieces that says which mock it comes from. */
export function makeReply(name: string, tokens: number): Reply {
  const key = `${tokens}/${name}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const pieces = Array.from({ length: tokens }, (_, index) => pieceAt(name, index));
  const text = pieces.join('');
  const reply = { pieces, text, json: JSON.stringify(text) };
  if (cache.size >= cacheSize) cache.clear();
  cache.set(key, reply);
  return reply;
}

function pieceAt(name: string, index: number): string {
  const hello = ['Hello', ' from', ` ${name}.`];
  return hello[index] ?? filler[(index - hello.length) % filler.length] ?? '';
}
