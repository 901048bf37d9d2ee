import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';

const main = fileURLToPath(import.meta.resolve('../src/what-if/main.ts'));
const samples = fileURLToPath(import.meta.resolve('../samples'));
const folder = mkdtempSync(join(tmpdir(), 'spillway-what-if-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs it as pnpm does: in another folder than the caller's. */
async function whatIf(...args: readonly string[]) {
  const options = { env: { ...process.env, INIT_CWD: samples }, maxBuffer: 1e7 };
  return (await promisify(execFile)(process.execPath, [main, ...args], options)).stdout;
}

test('spillway-simulate says what spillway simulate says, and draws it on a page that loads nothing', async () => {
  const asked = ['--log', 'access.jsonl', '--config', 'spillway.yaml', '--config', 'more.yaml'];
  const stdout = await whatIf(...asked, '--quota', 'east=5000', '--report', folder);
  expect(stdout).toMatch(/^assumed:$/m);
  expect(stdout).toContain(`report: ${join(folder, 'index.html')}`);
  const [page, json] = ['index.html', 'report.json'].map((name) => readFileSync(join(folder, name), 'utf8'));
  expect(page).toMatch(/expected “no client gets a 429”, found [\d,]+ of [\d,]+ requests did/);
  expect(page).not.toMatch(/https?:|<script/);
  const { kind, runs } = JSON.parse(json ?? '') as { kind: string; runs: { charts: unknown[] }[] };
  expect({ kind, charts: runs.map(({ charts }) => charts.length) }).toEqual({
    kind: 'what-if',
    charts: [2, 2],
  });
});

test('of a log with thousands of names, the report shows the quotas for the most requests, and sums up the others', async () => {
  const logged = readFileSync(join(samples, 'access.jsonl'), 'utf8').split('\n');
  const line = logged.find((one) => one.includes('"msg":"request"')) ?? '';
  const time = Number(/"time":(\d+)/.exec(line)?.[1]);
  const lines = Array.from({ length: 2000 }, (_, place) =>
    line
      .replace(/"time":\d+/, `"time":${time + place * 100}`)
      .replace(/"deployment":"[^"]*"/, `"deployment":"made-up-${place}"`),
  );
  const log = join(folder, 'many.jsonl');
  writeFileSync(log, lines.join('\n'));
  const report = join(folder, 'many');
  const stdout = await whatIf('--log', log, '--config', 'spillway.yaml', '--report', report);
  expect(stdout).toMatch(/^\d,\d{3} other quotas +[\d,]+$/m);
  expect(stdout.split('\n').length).toBeLessThan(200);
  const page = readFileSync(join(report, 'index.html'), 'utf8');
  expect(page).toContain('others, for the fewest requests, are left out');
  expect(page.length).toBeLessThan(2_000_000);
});

test('spillway-simulate --help says how it is used', async () => {
  expect(await whatIf('--help')).toMatch(/^Usage: pnpm spillway-simulate [^]*--report folder/);
});
