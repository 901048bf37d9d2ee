import { has, type Word, word } from '../body/rare-word.ts';
import { isStateful } from './operations.ts';

const FILE_ID = word('"file_id"', '_id"');

/**
 * By operation: texts in bodies, besides ids of files, that refer to stored objects, or whose answers have ids that
 * come back: of an audio answer, of the container of Claude's code, of a voice.
 */
const WORDS: ReadonlyMap<string, readonly Word[]> = new Map(
  Object.entries({
    'chat/completions': [word('"audio"', 'udio"')],
    'images/edits': [],
    messages: [word('"container"'), word('"code_execution', '_exec')],
    'messages/count_tokens': [],
    'audio/speech': [word('"id"')],
  }),
);

/**
 * Returns whether a body may concern stored objects although its operation leaves none behind. That is found without
 * parsing: most chats and images concern none.
 */
export function showsObjects(operation: string, body: Buffer): boolean {
  const words = WORDS.get(operation);
  if (words === undefined) return false;
  return has(body, FILE_ID) || words.some((one) => has(body, one));
}

/**
 * Returns whether a body may refer to stored objects, however its keys are spelt: their owner has to be known for
 * certain.
 */
export function mayRefer(operation: string, body: Buffer): boolean {
  return isStateful(operation) || mayHideObjects(body) || showsObjects(operation, body);
}

/** Returns whether a body may refer to stored objects of which `showsObjects` sees nothing. */
export function mayHideObjects(body: Buffer): boolean {
  return has(body, ESCAPED) || (body.includes(ID) && OBJECTS.some((one) => body.includes(one)));
}

/** Chats and images may include files; Claude may be given skills. */
const OBJECTS = ['file_id', 'skill_id'].map((name) => Buffer.from(name));
const ID = Buffer.from('_id');
const ESCAPED = word(String.raw`\u00`, '00');
