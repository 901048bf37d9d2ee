import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const documents = ['*.md', 'docs/*.md', '{apps,packages}/*/README.md', 'loadtest/README.md'].flatMap(
  (pattern) => globSync(pattern, { cwd: root }),
);

/** pnpm's own commands, which need no script. */
const PNPM_COMMANDS = new Set(['install', 'exec', 'deploy', 'vitest']);

interface Manifest {
  readonly name: string;
  readonly scripts?: Readonly<Record<string, string>>;
}

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest;
}

const scripts = new Set(Object.keys(readManifest('package.json').scripts ?? {}));
const packages = new Map(
  globSync(['{apps,packages}/*/package.json', 'loadtest/package.json'], { cwd: root })
    .map(readManifest)
    .map(({ name, scripts }) => [name, scripts ?? {}]),
);

/** Returns the names that headings have in links, as GitHub makes them. */
function anchorsOf(text: string): Set<string> {
  const headings = text.replaceAll(/^```[^]*?^```/gm, '').matchAll(/^#+ (.+)$/gm);
  const names = [...headings].map(([, heading = '']) =>
    heading
      .replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
  return new Set(names);
}

test('the documents to check are found', () => {
  expect(documents).toEqual(expect.arrayContaining(['README.md', 'ARCHITECTURE.md']));
});

describe.each(documents)('%s', (document) => {
  const text = readFileSync(join(root, document), 'utf8');

  test('a document names only scripts that exist', () => {
    const commands = [
      ...text.matchAll(/(?:^|[`\s])(?:npx -y )?pnpm(?:@\d+)? (--filter \S+ )?([a-z][\w:-]*)/gm),
    ];
    const unknown = commands.filter(([, filter, script = '']) => {
      const own = filter && packages.get(filter.replace('--filter', '').trim());
      return own ? !(script in own) : !scripts.has(script) && !PNPM_COMMANDS.has(script);
    });
    expect(unknown.map(([command]) => command.trim())).toEqual([]);
  });

  test('a document names only files that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = '']) =>
      join(dirname(document), path),
    );
    const inCode = [...text.matchAll(/`((?:apps|packages|loadtest|deploy|docs|\.ci)\/[\w./-]+)`/g)].map(
      ([, path = '']) => path,
    );
    const inCommands = [...text.matchAll(/(?:node|-f) ((?:apps|packages|loadtest)\/[\w./-]+)/g)].map(
      ([, path = '']) => path,
    );
    const missing = [...links, ...inCode, ...inCommands].filter((path) => !existsSync(join(root, path)));
    // What the build makes is there after a build.
    expect(missing.filter((path) => !path.includes('/dist/'))).toEqual([]);
  });

  test('a document links only to headings that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)#([^)]+)\)/g)];
    const missing = links.filter(([, path = '', anchor = '']) => {
      const target = path === '' ? document : join(dirname(document), path);
      return target.endsWith('.md') && !anchorsOf(readFileSync(join(root, target), 'utf8')).has(anchor);
    });
    expect(missing.map(([link]) => link)).toEqual([]);
  });
});

describe('the threat model', () => {
  const text = readFileSync(join(root, 'docs/security.md'), 'utf8');
  const rows = text.split('\n').filter((line) => line.startsWith('|'));

  test.each(rows.slice(2).map((row) => [row.split('|')[1]?.trim(), row]))('%s: tests cover it', (_, row) => {
    const named = [...(row.split('|').at(-2) ?? '').matchAll(/`([^`]+)`/g)].map(([, path = '']) => path);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((path) => !path.endsWith('.test.ts') || !existsSync(join(root, path)))).toEqual([]);
  });
});
