import { defineConfig } from 'rolldown';
import { embedPage } from './bundle/embed-page.ts';
import { escapeNonAscii } from './bundle/escape-non-ascii.ts';
import { leaveOut } from './bundle/leave-out.ts';
import { packLate } from './bundle/pack-late.ts';
import { requireHttp } from './bundle/require-http.ts';

/** One file that runs with nothing beside it: `node dist/main.js`. */
export default defineConfig({
  input: 'src/main.ts',
  platform: 'node',
  plugins: [
    embedPage(),
    leaveOut(),
    requireHttp(),
    packLate({
      '@azure/identity': ['ClientSecretCredential', 'DefaultAzureCredential'],
      jose: ['decodeJwt', 'decodeProtectedHeader', 'importJWK', 'jwtVerify'],
      ws: ['Receiver', 'Sender'],
      './src/telemetry/otlp/otel-sdk.ts': 'all',
    }),
    escapeNonAscii(),
  ],
  output: {
    file: 'dist/main.js',
    format: 'esm',
    codeSplitting: false,
    // Names stay for stack traces, and lines for Node's `assert`: where one of undici's fails, as a hostile backend can make it,
    // Node 20 parses the whole line to quote it, which took seconds where all was one.
    minify: { compress: true, mangle: { keepNames: true }, codegen: { removeWhitespace: false } },
    keepNames: true,
    sourcemap: false,
  },
});
