import { isStateful } from './operations.ts';

/** Looked for before all of it: hardly any text has an underscore, so that a search for one is over at once. */
const ID_END = Buffer.from('_id"');
const FILE_ID = Buffer.from('"file_id"');

/**
 * By operation: what is written in bodies, beside the ids of files, that refer to stored objects, or whose answers have ids that
 * come back: of an answer in sound, of what Claude's code runs in, of a voice.
 */
const WORDS: ReadonlyMap<string, readonly Buffer[]> = new Map(
  Object.entries({
    'chat/completions': ['"audio"'],
    'images/edits': [],
    messages: ['"container"', '"code_execution'],
    'messages/count_tokens': [],
    'audio/speech': ['"id"'],
  }).map(([operation, words]) => [operation, words.map((word) => Buffer.from(word))]),
);

/**
 * Returns whether a body may have to do with stored objects although its operation leaves none behind, which is seen without
 * reading it: most chats and images have nothing to do with any.
 */
export function showsObjects(operation: string, body: Buffer): boolean {
  const words = WORDS.get(operation);
  if (words === undefined) return false;
  return hasFileId(body) || words.some((word) => body.includes(word));
}

/**
 * Returns whether a body may refer to stored objects, however its keys are spelt: whose they are has to be known for certain.
 */
export function mayRefer(operation: string, body: Buffer): boolean {
  if (isStateful(operation) || ANYWHERE.some((text) => body.includes(text))) return true;
  return WORDS.get(operation)?.some((word) => body.includes(word)) ?? false;
}

/** Chats and images may show files; Claude may be given skills. */
const ANYWHERE = ['file_id', 'skill_id', String.raw`\u00`];

function hasFileId(body: Buffer): boolean {
  return body.includes(ID_END) && body.includes(FILE_ID);
}
