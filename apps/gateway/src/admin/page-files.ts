import { existsSync, readdirSync, readFileSync } from 'node:fs';

const BUILT = new URL('../../../dashboard/dist/', import.meta.url);
const PAGE = 'index.html';
const PACKED = '.br';

/**
 * Returns the built files of the live page, compressed with brotli, by names such as `assets/index-….js`; none if the
 * page is not built. Files that its HTML does not name belong to an older build: a restored build cache leaves them there.
 * In the bundle the files are embedded: `bundle/embed-page.ts` replaces this function.
 */
export function readPageFiles(): ReadonlyMap<string, Buffer> {
  if (!existsSync(new URL(PAGE, BUILT))) return new Map();
  const html = readFileSync(new URL(PAGE, BUILT), 'utf8');
  return new Map(
    readdirSync(BUILT, { recursive: true, encoding: 'utf8' })
      .map((file) => file.replaceAll('\\', '/'))
      .filter((file) => file.endsWith(PACKED))
      .map((file) => file.slice(0, -PACKED.length))
      .filter((name) => name === PAGE || html.includes(name))
      .map((name) => [name, readFileSync(new URL(name + PACKED, BUILT))]),
  );
}
