import { expect, test } from 'vitest';
import { describeFallbacks } from './describe-fallbacks.ts';
import type { Config } from './schema.ts';

const problemsOf = (fallbacks: Config['fallbacks'], backends: Config['backends'] = []) =>
  describeFallbacks({ fallbacks, backends }, (path) => path.join('.')).map(
    ({ key, found }) => `${key} ${found}`,
  );

test.each<[string, NonNullable<Config['fallbacks']>]>([
  ['a deployment and its smaller one', [{ deployment: 'gpt-4o', whenSpent: 'gpt-4o-mini' }]],
  [
    'a chain that ends',
    [
      { deployment: 'a', whenSpent: 'b' },
      { deployment: 'b', whenSpent: 'c' },
    ],
  ],
  [
    'two ways that cross',
    [
      { deployment: 'a', whenSpent: 'b' },
      { deployment: 'b', whenTooLong: 'a' },
    ],
  ],
])('%s may be a fallback', (_, fallbacks) => {
  expect(problemsOf(fallbacks)).toEqual([]);
});

test.each<[string, NonNullable<Config['fallbacks']>, string[]]>([
  ['itself', [{ deployment: 'a', whenSpent: 'a' }], ['fallbacks.0.whenSpent "a"']],
  [
    'what leads back to it',
    [
      { deployment: 'a', whenTooLong: 'b' },
      { deployment: 'b', whenTooLong: 'a' },
    ],
    ['fallbacks.0.whenTooLong "b"', 'fallbacks.1.whenTooLong "a"'],
  ],
  [
    'one for embeddings',
    [{ deployment: 'text-embedding-3-small', whenSpent: 'ada' }],
    ['fallbacks.0.whenSpent "ada"'],
  ],
  [
    'two of the same',
    [
      { deployment: 'a', whenSpent: 'b' },
      { deployment: 'a', whenSpent: 'c' },
    ],
    ['fallbacks.1.deployment "a", the same as fallbacks.0.deployment'],
  ],
])('a deployment does not fall back to %s', (_, fallbacks, problems) => {
  expect(problemsOf(fallbacks)).toEqual(problems);
});

test('the names of fallbacks are those of deployments, where backends have listed theirs', () => {
  const backends = [
    { url: 'https://a', priority: 1, weight: 1, deployments: { 'gpt-4o': 'own', 'gpt-4o-mini': 'small' } },
  ];
  const fallbacks = [
    { deployment: 'gpt-4o', whenSpent: 'gpt-4o-mini' },
    { deployment: 'gpt-5', whenSpent: 'gpt-4o-mni', whenTooLong: 'small' },
  ];
  expect(problemsOf(fallbacks, backends)).toEqual([
    'fallbacks.1.deployment "gpt-5" (did you mean gpt-4o?)',
    'fallbacks.1.whenSpent "gpt-4o-mni" (did you mean gpt-4o-mini?)',
  ]);
  expect(problemsOf(fallbacks)).toEqual([]);
});
