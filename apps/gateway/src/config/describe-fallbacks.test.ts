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
  ['itself in capitals', [{ deployment: 'a', whenSpent: 'A' }], ['fallbacks.0.whenSpent "A"']],
  [
    'what leads back to it in capitals',
    [
      { deployment: 'a', whenSpent: 'b' },
      { deployment: 'B', whenSpent: 'c' },
      { deployment: 'c', whenSpent: 'A' },
    ],
    ['fallbacks.0.whenSpent "b"', 'fallbacks.1.whenSpent "c"', 'fallbacks.2.whenSpent "A"'],
  ],
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
  [
    'two of the same in capitals',
    [
      { deployment: 'a', whenSpent: 'b' },
      { deployment: 'A', whenSpent: 'c' },
    ],
    ['fallbacks.1.deployment "A", the same as fallbacks.0.deployment'],
  ],
])('a deployment does not fall back to %s', (_, fallbacks, problems) => {
  expect(problemsOf(fallbacks)).toEqual(problems);
});

const AT_ONE = {
  url: 'https://a',
  priority: 1,
  weight: 1,
  deployments: { big: 'prod', large: 'prod', small: 'mini' },
};
const AT_OTHER = { ...AT_ONE, url: 'https://b', deployments: { big: 'one', large: 'two', small: 'mini' } };

test.each<[string, NonNullable<Config['fallbacks']>, string[]]>([
  ['another name of itself', [{ deployment: 'big', whenSpent: 'large' }], ['fallbacks.0.whenSpent "large"']],
  [
    'the name that its backends have for it',
    [{ deployment: 'big', whenTooLong: 'prod' }],
    ['fallbacks.0.whenTooLong "prod"'],
  ],
  [
    'what leads back to another name of itself',
    [
      { deployment: 'big', whenSpent: 'small' },
      { deployment: 'mini', whenSpent: 'large' },
    ],
    ['fallbacks.0.whenSpent "small"', 'fallbacks.1.whenSpent "large"'],
  ],
])('a deployment does not fall back to %s', (_, fallbacks, problems) => {
  expect(problemsOf(fallbacks, [AT_ONE])).toEqual(problems);
});

test('a deployment may fall back to one that only some backends have under both names', () => {
  expect(problemsOf([{ deployment: 'big', whenSpent: 'large' }], [AT_ONE, AT_OTHER])).toEqual([]);
});

test('two names of one deployment may fall back to another', () => {
  const fallbacks = ['big', 'large'].map((deployment) => ({ deployment, whenSpent: 'small' }));
  expect(problemsOf(fallbacks, [AT_ONE])).toEqual([]);
});

test('a deployment does not fall back where every backend has only one', () => {
  const backends = ['https://a', 'https://b'].map((url) => ({
    url,
    priority: 1,
    weight: 1,
    deployment: 'spare',
  }));
  expect(problemsOf([{ deployment: 'a', whenSpent: 'b' }], backends)).toEqual(['fallbacks.0.whenSpent "b"']);
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
