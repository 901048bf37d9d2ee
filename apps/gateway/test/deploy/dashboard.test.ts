import { expect, test } from 'vitest';
import { palette } from '../../../../deploy/grafana/colours.ts';
import { dashboard, inRepository, panels } from './deployed.ts';

test('the dashboard in deploy/ is what its builder makes', async () => {
  await expect(`${JSON.stringify(dashboard, null, 2)}\n`).toMatchFileSnapshot(
    inRepository('deploy/grafana/spillway.json'),
  );
});

test.each(panels)(
  'the panel “$title” says what it shows, and in which unit',
  ({ type, description, fieldConfig, targets }) => {
    expect(description).toMatch(/^[A-Z0-9].*\.$/s);
    expect(fieldConfig?.defaults.unit ?? type).toMatch(
      /^(?:none|short|s|bytes|percentunit|reqps|state-timeline|table)$/,
    );
    expect(new Set(targets?.map(({ refId }) => refId)).size).toBe(targets?.length);
    expect(targets).not.toEqual([]);
  },
);

test('the data source is a variable wherever one is named, so that the dashboard can be imported anywhere', () => {
  expect(dashboard.templating.list.map(({ name, type }) => [name, type])).toEqual([
    ['datasource', 'datasource'],
    ['job', 'query'],
    ['instance', 'query'],
  ]);
  const named = [...JSON.stringify(dashboard).matchAll(/"uid":"([^"]*)"/g)].map(([, uid]) => uid);
  expect(new Set(named)).toEqual(new Set(['spillway', '${datasource}']));
});

test('panels have ids and titles of their own, and no two of them lie on each other', () => {
  const ids = dashboard.panels.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
  const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
});

test('every colour is one that the colour-blind tell from the others', () => {
  const used = [...JSON.stringify(dashboard).matchAll(/"(?:color|fixedColor|iconColor)":"([^"]*)"/g)];
  expect(used.length).toBeGreaterThan(0);
  expect(Object.values(palette)).toEqual(expect.arrayContaining(used.map(([, colour]) => colour)));
});
