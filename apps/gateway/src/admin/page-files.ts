import { existsSync, readdirSync, readFileSync } from 'node:fs';

const BUILT = new URL('../../../dashboard/dist/', import.meta.url);
const PACKED = '.br';

/**
 * Returns the live page's files as they are built, packed by brotli, by names such as `assets/index-….js`; none if the page is
 * not built. In the bundle they are inside: `bundle/embed-page.ts` writes this function anew.
 */
export function readPageFiles(): ReadonlyMap<string, Buffer> {
  const names = existsSync(BUILT) ? readdirSync(BUILT, { recursive: true, encoding: 'utf8' }) : [];
  return new Map(
    names
      .map((name) => name.replaceAll('\\', '/'))
      .filter((name) => name.endsWith(PACKED))
      .map((name) => [name.slice(0, -PACKED.length), readFileSync(new URL(name, BUILT))]),
  );
}
