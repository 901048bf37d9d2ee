import { expect, test } from 'vitest';
import { isNoAnswer, whatToReadOf, whatToReadOfNoStream } from './answer-form.ts';

const CHATS = ['chat/completions', 'embeddings', 'moderations', 'responses/compact', 'images/embeddings'];

test.each([
  ['application/json', 'beginning'],
  ['Application/JSON; charset=utf-8', 'beginning'],
  ['application/problem+json', 'beginning'],
  ['text/json', 'beginning'],
  ['text/html; charset=utf-8', 'body'],
  ['application/xml', 'body'],
  ['text/xml', 'body'],
  ['text/plain', 'first-event'],
  ['application/octet-stream', 'first-event'],
  ['text/event-stream', 'first-event'],
  [undefined, 'first-event'],
  ['audio/mpeg', 'nothing'],
])('what always has an answer in JSON is read of %s as far as it tells: %s', (type, expected) => {
  for (const operation of CHATS) expect(whatToReadOf(type, operation)).toBe(expected);
});

test('a response in JSON is read as a whole, as it may be one that failed', () => {
  expect(whatToReadOf('application/json', 'responses')).toBe('body');
});

test.each([
  ['audio/mpeg', 'first-byte'],
  ['application/octet-stream', 'first-byte'],
  ['application/json', 'beginning'],
  ['text/html', 'body'],
])('a recording that comes as %s is read as far as it tells whether it is one: %s', (type, expected) => {
  expect(whatToReadOf(type, 'audio/speech')).toBe(expected);
});

test('a transcript may be any text', () => {
  expect(whatToReadOf('text/plain', 'audio/transcriptions')).toBe('nothing');
  expect(isNoAnswer('WEBVTT', 'audio/transcriptions')).toBe(false);
  expect(isNoAnswer('', 'audio/transcriptions')).toBe(false);
  expect(isNoAnswer('<html>', 'audio/transcriptions')).toBe(true);
});

test('what may have been a stream and is none is read as what else its operation has', () => {
  expect(whatToReadOfNoStream('chat/completions')).toBe('beginning');
  expect(whatToReadOfNoStream('audio/speech')).toBe('first-byte');
  expect(whatToReadOfNoStream('files/file_1/content')).toBe('nothing');
  expect(whatToReadOfNoStream(undefined)).toBe('nothing');
});

test.each(['Internal Server Error', 'null', ' \n', '', '<html>', ' <?xml version="1.0"?><error/>'])(
  'no chat is answered with %j',
  (text) => expect(isNoAnswer(text, 'chat/completions')).toBe(true),
);

test.each(['{}', ' {"choices":', '[{}]', '"text"'])('JSON such as %j may be an answer', (text) => {
  expect(isNoAnswer(text, 'chat/completions')).toBe(false);
});

test('words are an answer where nobody knows better', () => {
  expect(isNoAnswer('Internal Server Error', 'files')).toBe(false);
  expect(isNoAnswer('Internal Server Error')).toBe(false);
});

test('the operation of an answer may be long without taking long to read', () => {
  expect(whatToReadOf('application/json', `files/${'1'.repeat(300_000)}/content`)).toBe('nothing');
  expect(whatToReadOf('application/json', `files/${'1'.repeat(300_000)}`)).toBe('object');
});
