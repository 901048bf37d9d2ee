import { defineConfig } from 'oxlint';
import { holdOrder } from './lint/hold-order.ts';
import { parts } from './lint/rooms.ts';

export default defineConfig({
  plugins: ['typescript', 'import', 'unicorn', 'promise', 'vitest'],
  categories: { correctness: 'error', suspicious: 'error' },
  options: { typeAware: false },
  ignorePatterns: ['dist'],
  rules: {
    'import/no-cycle': ['error', { ignoreTypes: false }],
    'max-lines': ['error', { max: 200, skipBlankLines: true, skipComments: true }],
    'max-lines-per-function': ['error', { max: 50, skipBlankLines: true, skipComments: true }],
    'no-console': 'error',
    'no-var': 'error',
    'prefer-const': 'error',
    eqeqeq: 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/consistent-type-imports': 'error',
    'no-underscore-dangle': ['error', { allow: ['_httpMessage', '_parent', '_read'] }],
    'no-shadow': 'off',
    'no-await-in-loop': 'off',
    'unicorn/no-array-sort': 'off',
    'import/no-unassigned-import': 'off',
  },
  overrides: [
    {
      files: ['packages/core/src/**', 'packages/simulation/src/**'],
      rules: {
        'no-restricted-properties': [
          'error',
          { object: 'Date', property: 'now', message: 'Time is a parameter.' },
          { object: 'Math', property: 'random', message: 'Chance is a parameter.' },
        ],
      },
    },
    { files: ['apps/dashboard/**'], rules: { 'unicorn/require-post-message-target-origin': 'off' } },
    ...parts.flatMap(holdOrder),
    {
      files: ['**/*.test.ts', '**/testing/**', 'apps/*/test/**', 'loadtest/test/**'],
      rules: {
        'max-lines': 'off',
        'max-lines-per-function': 'off',
        'typescript/no-non-null-assertion': 'off',
        'no-restricted-imports': 'off',
      },
    },
  ],
});
