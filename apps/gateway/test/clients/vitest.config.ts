import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// The first test that uses a client installs its dependencies, so a test may take long once.
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('.', import.meta.url)),
    include: ['*.client.ts'],
    pool: 'threads',
    maxWorkers: 2,
    testTimeout: 600_000,
  },
});
