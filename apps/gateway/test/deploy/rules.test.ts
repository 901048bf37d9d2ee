import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { isThere } from '../testing/start-prometheus.ts';
import { inRepository, panels, queries, rules, rulesPath } from './deployed.ts';

const alerts = rules.filter(({ alert }) => alert !== undefined);

/** Returns the anchors of a page's headings. */
function anchorsOf(path: string): string[] {
  const headings = readFileSync(inRepository(path), 'utf8').matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

test.each(alerts)(
  '$alert says how bad it is, since when, and what to do',
  ({ alert, for: duration, labels, annotations }) => {
    expect(alert).toMatch(/^Spillway[A-Z]\w+$/);
    expect(duration).toMatch(/^\d+m$/);
    expect(['critical', 'warning', 'info']).toContain(labels?.['severity']);
    expect(annotations?.['summary']).toMatch(/\{\{ \$labels\.\w+ \}\}/);
    expect(annotations?.['description']).toMatch(/^[A-Z].*\.$/);
    const [page = '', anchor] = annotations?.['runbook_url']?.split('#') ?? [];
    expect(anchor).toBe(alert?.toLowerCase());
    expect(anchorsOf(page)).toContain(anchor);
  },
);

test('every alert has a case in which it fires, and one in which it does not', () => {
  const cases = readFileSync(inRepository('deploy/prometheus/spillway.rules.test.yml'), 'utf8');
  expect(alerts.length).toBeGreaterThan(0);
  for (const { alert } of alerts) {
    expect(cases).toMatch(new RegExp(`alertname: ${alert}\\n\\s+eval_time: \\w+\\n\\s+exp_alerts:`));
    expect(cases).toMatch(new RegExp(`alertname: ${alert}, eval_time: \\w+, exp_alerts: \\[\\]`));
  }
});

test('what to do about an alert names only panels and series that the dashboard has', () => {
  const page = readFileSync(inRepository('docs/operations.md'), 'utf8');
  const alertSections = page.slice(page.indexOf('\n## Alerts\n')).split(/\n## /)[1] ?? '';
  const named = [...alertSections.matchAll(/“([^”]+)”/g)].map(([, name = '']) =>
    name.replaceAll(/\s+/g, ' '),
  );
  const legends = queries.map(
    ({ legend }) => new RegExp(`^${legend.replaceAll(/\{\{\w+\}\}/g, '[\\w-]+')}$`),
  );
  expect(named.length).toBeGreaterThan(5);
  const isShown = (name: string) =>
    panels.some(({ title }) => title === name) ||
    legends.some((legend) => /[a-z] /.test(legend.source) && legend.test(name));
  expect(named.filter((name) => !isShown(name))).toEqual([]);
});

test.for<[string, string[]]>([
  ['rules that are right', ['check', 'rules', 'spillway.rules.yml']],
  ['rules that do what they should', ['test', 'rules', 'spillway.rules.test.yml']],
  ['an example of a configuration that is right', ['check', 'config', 'prometheus.yml']],
])('promtool finds %s', ([, command], { skip }) => {
  if (!isThere('promtool')) skip('promtool is not on this machine: apt-get install prometheus');
  const { status, stdout, stderr } = spawnSync('promtool', command, {
    cwd: dirname(rulesPath),
    encoding: 'utf8',
  });
  expect({ status, output: stdout + stderr }).toMatchObject({ status: 0 });
});
