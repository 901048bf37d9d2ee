import { defineConfig } from 'vite';
import { compressFiles } from './bundle/compress-files.ts';

/** A few files with relative addresses, so that the page works below any prefix, and nothing inline, which its CSP forbids. */
export default defineConfig({
  base: './',
  plugins: [compressFiles()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
