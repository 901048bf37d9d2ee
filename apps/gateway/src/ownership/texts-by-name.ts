import { parseJson } from '../body/parse-json.ts';
import { isObject } from './merge-lists.ts';

/** A text of one backend. */
interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** Writes a text for each backend, by its name, as one word for a query. */
export function writeTexts(byName: Readonly<Record<string, string>>): string {
  return Buffer.from(JSON.stringify(byName)).toString('base64url');
}

/** Reads the texts in such a word for these backends; empty if it has none for them, or is damaged. */
export function readTexts(word: string, names: readonly string[]): readonly NamedText[] {
  const byName = parseJson(Buffer.from(word, 'base64url').toString());
  if (!isObject(byName)) return [];
  return names.flatMap((name) => {
    const text = byName[name];
    return typeof text === 'string' ? { name, text } : [];
  });
}
