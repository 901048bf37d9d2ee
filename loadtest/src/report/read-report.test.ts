import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readReport } from './read-report.ts';
import { writeReport } from './write-report.ts';
import type { Report } from './report.ts';

const folder = mkdtempSync(join(tmpdir(), 'spillway-report-'));
afterAll(() => rmSync(folder, { recursive: true }));

const report: Report = { version: 1, kind: 'scenarios', title: 't', madeAt: 'now', charts: [], runs: [] };

test('a report that was written can be read, to compare with it', async () => {
  const page = await writeReport(join(folder, 'made', 'for it'), report, undefined);
  expect(page).toBe(join(folder, 'made', 'for it', 'index.html'));
  expect(readReport(join(folder, 'made', 'for it', 'report.json'), 'scenarios')).toEqual(report);
});

test.each<[string, string, string]>([
  ['no JSON', 'report', 'is no report; allowed: a report.json of `pnpm loadtest`'],
  ['a list', '[]', 'is no report'],
  ['null', 'null', 'is no report'],
  ['other JSON', '{"version":1}', 'is no report'],
  ['another version', JSON.stringify({ ...report, version: 2 }), 'is no report'],
  [
    'another kind',
    JSON.stringify({ ...report, kind: 'harvest' }),
    'is of harvest; allowed: a report.json of `pnpm loadtest`',
  ],
])('%s is not compared with, and it is said what would be', (_, text, expected) => {
  const file = join(folder, 'wrong.json');
  writeFileSync(file, text);
  expect(() => readReport(file, 'scenarios')).toThrow(`--compare: "${file}" ${expected}`);
});

test.each<[string, unknown]>([
  ['`runs[0]` has no name', null],
  ['`runs[0]` has no `figures`', { name: 'normal', verdicts: [] }],
  [
    '`runs[0]` has no `figures`',
    { name: 'normal', figures: [{ name: 'served', value: 'all' }], verdicts: [] },
  ],
  ['`runs[0]` has no `verdicts`', { name: 'normal', figures: [] }],
  ['`runs[0]` has no `verdicts`', { name: 'normal', figures: [], verdicts: [{ claim: 'c' }] }],
])('a report of which %s is damaged, which is said when it is read', (problem, run) => {
  const file = join(folder, 'damaged.json');
  writeFileSync(file, JSON.stringify({ ...report, runs: [run] }));
  expect(() => readReport(file, 'scenarios')).toThrow(`"${file}" is a damaged report: ${problem}; allowed: `);
});

test('a report that does not say when it was made is damaged, which is said before anything runs', () => {
  const file = join(folder, 'undated.json');
  writeFileSync(file, JSON.stringify({ ...report, madeAt: undefined }));
  expect(() => readReport(file, 'scenarios')).toThrow(
    `"${file}" is a damaged report: it does not say when it was made (\`madeAt\`); allowed: `,
  );
});

test.each([undefined, null, { toString: 1 }, '\u001b[31mred', ['harvest']])(
  'a report whose kind is %j is damaged, and nothing of that is repeated',
  (kind) => {
    const file = join(folder, 'kind.json');
    writeFileSync(file, JSON.stringify({ ...report, kind }));
    expect(() => readReport(file, 'scenarios')).toThrow(
      `"${file}" is a damaged report: it does not say of what it is (\`kind\`); allowed: `,
    );
  },
);

test('a report that is not there is named', () => {
  expect(() => readReport(join(folder, 'none.json'), 'harvest')).toThrow(
    `cannot be read (ENOENT); allowed: a report.json of \`pnpm loadtest harvest\``,
  );
});
