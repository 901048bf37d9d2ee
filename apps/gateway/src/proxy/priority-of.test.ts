import { expect, test } from 'vitest';
import { configSchema } from '../config/schema.ts';
import { createPriorityOf } from './priority-of.ts';

const clients = [
  { key: 'nightly', class: 'batch' as const },
  { key: 'chat', class: 'interactive' as const },
];

function priorityOf(headers: Record<string, string>, settings: Record<string, unknown> = {}) {
  const backends = [{ url: 'https://a' }];
  const { priorityClasses } = configSchema.parse({ backends, priorityClasses: { clients, ...settings } });
  return createPriorityOf(priorityClasses!)(headers);
}

test.each([
  ['no header', {}, 'standard'],
  ['a key that is not listed', { 'api-key': 'other' }, 'standard'],
  ['an empty key', { 'api-key': '' }, 'standard'],
  ['a listed key', { 'api-key': 'nightly' }, 'batch'],
  ['another listed key', { 'api-key': 'chat' }, 'interactive'],
  ['a listed key in another spelling', { 'api-key': 'Nightly' }, 'standard'],
  ['the beginning of a listed key', { 'api-key': 'night' }, 'standard'],
  ['a listed key as a bearer token', { authorization: 'Bearer nightly' }, 'batch'],
  ['a listed key as a bearer token, in lower case', { authorization: 'bearer nightly' }, 'batch'],
  ['a listed key as another kind of credential', { authorization: 'Basic nightly' }, 'standard'],
  [
    'an `api-key` that counts before a bearer token',
    { 'api-key': 'chat', authorization: 'Bearer nightly' },
    'interactive',
  ],
  ['a header that is not allowed', { 'x-spillway-priority': 'interactive' }, 'standard'],
  ['a header that is neither allowed nor a class', { 'x-spillway-priority': 'now' }, 'standard'],
])('%s makes a request as urgent as it should be', (_, headers, expected) => {
  expect(priorityOf(headers)).toBe(expected);
});

test.each([
  [{}, 'standard'],
  [{ 'x-spillway-priority': 'interactive' }, 'interactive'],
  [{ 'x-spillway-priority': 'batch' }, 'batch'],
  [{ 'api-key': 'chat', 'x-spillway-priority': 'batch' }, 'batch'],
  [{ 'api-key': 'nightly', 'x-spillway-priority': 'interactive' }, 'batch'],
  [{ 'api-key': 'nightly' }, 'batch'],
])('where the header is allowed, %j is %s', (headers, expected) => {
  expect(priorityOf(headers as Record<string, string>, { allowHeader: true })).toBe(expected);
});

test.each(['now', '', 'Interactive', 'batch, batch'])(
  'there is no class %j, and the error says which there are',
  (value) => {
    expect(() => priorityOf({ 'x-spillway-priority': value }, { allowHeader: true })).toThrow(
      'The header x-spillway-priority must be one of interactive, standard, batch.',
    );
  },
);

test('all other requests are of the usual class', () => {
  expect(priorityOf({}, { default: 'batch' })).toBe('batch');
  expect(priorityOf({ 'api-key': 'chat' }, { default: 'batch' })).toBe('interactive');
});
