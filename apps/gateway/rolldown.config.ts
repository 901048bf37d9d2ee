import { defineConfig } from 'rolldown';

/** One file that runs with nothing beside it: `node dist/main.js`. */
export default defineConfig({
  input: 'src/main.ts',
  platform: 'node',
  output: { file: 'dist/main.js', format: 'esm', codeSplitting: false, minify: false, sourcemap: false },
});
