import { isStateful } from './operations.ts';

/** Searched for first: hardly any text has an underscore, so that this search ends quickly. */
const ID_END = Buffer.from('_id"');
const FILE_ID = Buffer.from('"file_id"');

/**
 * By operation: texts in bodies, besides ids of files, that refer to stored objects, or whose answers have ids that
 * come back: of an audio answer, of the container of Claude's code, of a voice.
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
 * Returns whether a body may concern stored objects although its operation leaves none behind. That is found without
 * parsing: most chats and images concern none.
 */
export function showsObjects(operation: string, body: Buffer): boolean {
  const words = WORDS.get(operation);
  if (words === undefined) return false;
  return hasFileId(body) || words.some((word) => body.includes(word));
}

/**
 * Returns whether a body may refer to stored objects, however its keys are spelt: their owner has to be known for
 * certain.
 */
export function mayRefer(operation: string, body: Buffer): boolean {
  if (isStateful(operation) || ANYWHERE.some((text) => body.includes(text))) return true;
  return WORDS.get(operation)?.some((word) => body.includes(word)) ?? false;
}

/** Chats and images may include files; Claude may be given skills. */
const ANYWHERE = ['file_id', 'skill_id', String.raw`\u00`];

function hasFileId(body: Buffer): boolean {
  return body.includes(ID_END) && body.includes(FILE_ID);
}
