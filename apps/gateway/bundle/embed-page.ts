import { fileURLToPath } from 'node:url';
import type { Plugin } from 'rolldown';
import { readPageFiles } from '../src/admin/page-files.ts';

const READER = fileURLToPath(new URL('../src/admin/page-files.ts', import.meta.url));

/** Embeds the live page's files in the bundle, as texts that are decoded when the page is first opened. */
export function embedPage(): Plugin {
  return {
    name: 'embed-page',
    load(id) {
      if (id !== READER) return null;
      const files = [...readPageFiles()].map(([name, packed]) => [name, packed.toString('base64')]);
      if (files.length === 0)
        this.error('The page is not built: run this by `pnpm build`, which builds it first.');
      return `const files = ${JSON.stringify(files)};
export function readPageFiles() {
  return new Map(files.map(([name, packed]) => [name, Buffer.from(packed, 'base64')]));
}`;
    },
  };
}
