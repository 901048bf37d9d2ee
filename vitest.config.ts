import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'docs/*.test.ts',
      '{packages,apps}/*/{src,test}/**/*.test.ts',
      'loadtest/{src,test}/**/*.test.ts',
    ],
    pool: 'threads',
    maxWorkers: 2,
    testTimeout: 20_000,
  },
});
