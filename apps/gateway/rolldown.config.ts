import { defineConfig } from 'rolldown';
import { escapeNonAscii } from './bundle/escape-non-ascii.ts';
import { leaveOut } from './bundle/leave-out.ts';
import { packLate } from './bundle/pack-late.ts';

/** One file that runs with nothing beside it: `node dist/main.js`. */
export default defineConfig({
  input: 'src/main.ts',
  platform: 'node',
  plugins: [
    leaveOut(),
    packLate({ '@azure/identity': ['ClientSecretCredential', 'DefaultAzureCredential'] }),
    escapeNonAscii(),
  ],
  output: {
    file: 'dist/main.js',
    format: 'esm',
    codeSplitting: false,
    // Stack traces and logged errors keep their names.
    minify: { compress: true, mangle: { keepNames: true }, codegen: { removeWhitespace: true } },
    keepNames: true,
    sourcemap: false,
  },
});
