import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'docs/*.test.ts',
      'lint/*.test.ts',
      '{packages,apps}/*/{src,test}/**/*.test.ts',
      'loadtest/{src,test}/**/*.test.ts',
    ],
    pool: 'threads',
    // A file leaves nothing behind for the next one, and most of the time went into starting anew for each.
    isolate: false,
    // More than two cores need: most tests wait for processes and timers.
    maxWorkers: 6,
    // Patience for a machine whose cores are taken; no test asserts how long something takes.
    testTimeout: 90_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
