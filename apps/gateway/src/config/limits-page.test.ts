import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configSchema } from './schema.ts';

const text = readFileSync(new URL('../../../../docs/limits.md', import.meta.url), 'utf8');
const defaults = configSchema.parse({
  backends: [{ url: 'https://a' }],
  waitingRoom: { maxWaitMs: 1 },
}) as unknown as Record<string, Record<string, number> | undefined>;

const rows = Array.from(
  text.matchAll(/^\|[^|]+\| `(\w+)\.(\w+)` +\| ([^|]+?) +\|/gm),
  ([, group, key, value]) => ({
    path: `${group}.${key}`,
    group: group ?? '',
    key: key ?? '',
    value: value ?? '',
  }),
);

test('every time limit and every limit has a row', () => {
  const paths = ['limits', 'timeouts'].flatMap((group) =>
    Object.keys(configSchema.shape[group as 'limits' | 'timeouts'].unwrap().shape).map(
      (key) => `${group}.${key}`,
    ),
  );
  // These limit an attempt, not how long a client may occupy the gateway.
  const others = ['timeouts.perMegabyteMs', 'timeouts.minAttemptMs'];
  const missing = paths.filter((path) => !others.includes(path) && !rows.some((row) => row.path === path));
  expect(missing).toEqual([]);
});

test.each(rows.filter(({ value }) => /^[\d,]+$/.test(value)))(
  'the default of $path is $value',
  ({ group, key, value }) => {
    expect(defaults[group]?.[key]).toBe(Number(value.replaceAll(',', '')));
  },
);
