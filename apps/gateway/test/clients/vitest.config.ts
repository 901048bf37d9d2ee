import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// What these clients need is installed in the test that needs it first, so a test may take long once.
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('.', import.meta.url)),
    include: ['*.client.ts'],
    pool: 'threads',
    maxWorkers: 2,
    testTimeout: 600_000,
  },
});
