import { countExactly } from './tokenizer.ts';
import type { Encoding } from './encoding-of.ts';

/** How much of a text is counted: the remainder of a longer one is assumed to be like its beginning. */
export const countedCharacters: number = 64 * 1024;

// The tokenizer's time grows with the square of a run's length: 200,000 letters without a space would take 20 s.
const longestRun = 256;
const longRuns = new RegExp(
  `\\p{L}{${longestRun}}|[^\\s\\p{L}\\p{N}]{${longestRun}}|\\s{${longestRun}}`,
  'gu',
);

const rememberedCharacters = 4_000_000;
const remembered = { o200k_base: new Map<string, number>(), cl100k_base: new Map<string, number>() };
let kept = 0;

/** Counts the tokens of a text as its model does, and remembers the count in case the text comes again. */
export function countTokens(text: string, encoding: Encoding): number {
  if (text.length > countedCharacters) return countLong(text, encoding);
  const counts = remembered[encoding];
  const known = counts.get(text);
  if (known !== undefined) return known;
  const tokens = countInParts(text, encoding);
  // A short text costs more for its entry than for its characters.
  kept += text.length + 100;
  if (kept > rememberedCharacters) {
    for (const map of Object.values(remembered)) map.clear();
    kept = text.length + 100;
  }
  counts.set(text, tokens);
  return tokens;
}

function countLong(text: string, encoding: Encoding): number {
  const beginning = countInParts(text.slice(0, countedCharacters), encoding);
  return Math.round((beginning * text.length) / countedCharacters);
}

/** Counts a text in parts that end after a long run; a cut may cost a token. */
function countInParts(text: string, encoding: Encoding): number {
  if (text.length <= longestRun) return countExactly(text, encoding);
  let tokens = 0;
  let start = 0;
  for (const run of text.matchAll(longRuns)) {
    const end = run.index + run[0].length;
    tokens += countExactly(text.slice(start, end), encoding);
    start = end;
  }
  return tokens + countExactly(text.slice(start), encoding);
}
