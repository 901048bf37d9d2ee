import { existsSync, readdirSync, readFileSync } from 'node:fs';

const BUILT = new URL('../../../dashboard/dist/', import.meta.url);
const PACKED = '.br';

/**
 * Returns the built files of the live page, compressed with brotli, by names such as `assets/index-….js`; none if the
 * page is not built. In the bundle they are embedded: `bundle/embed-page.ts` replaces this function.
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
