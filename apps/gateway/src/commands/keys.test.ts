import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { isMiswritten, sha256 } from '../client/keys.ts';
import { configSchema } from '../config/schema.ts';
import { run as runKeys } from './keys.ts';

function run(...args: string[]) {
  const written = { out: '', errors: '' };
  const code = runKeys(
    args,
    { write: (text) => (written.out += text) },
    { write: (text) => (written.errors += text) },
  );
  return { code, ...written };
}

test.each([
  [['create', '--name', 'chat'], 'chat'],
  [['create', '--name=007'], '007'],
  [['create'], 'NAME'],
])('`spillway keys %j` shows a key once, and a configuration that takes it', (args, name) => {
  const { code, out, errors } = run(...args);
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  const [key = '', , ...rest] = out.split('\n');
  expect(key).toMatch(/^spw_/);
  expect(isMiswritten(key)).toBe(false);
  const snippet = rest.join('\n');
  expect(snippet).not.toContain(key);
  const { clients } = configSchema.parse({ backends: [{ url: 'https://a' }], ...(parse(snippet) as object) });
  expect(clients).toMatchObject([{ name, keys: [{ sha256: sha256(key), disabled: false }] }]);
});

test.each([
  [[], 'is create'],
  [['delete'], 'is create'],
  [['create', 'x'], "'x'"],
  [['create', '--name'], "'--name <value>'"],
  [['create', '--name', 'a', 'b'], "'b'"],
  [['create', '--nam', 'a'], "'--nam'"],
  [['create', '--name=a b'], '"a b" is not a valid name'],
])('`spillway keys %j` is told what is wrong, and how it is used', (args, message) => {
  const { code, out, errors } = run(...args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(errors).toContain(message);
  expect(errors).toMatch(/\nUsage: spillway keys create \[--name NAME\]\n$/);
});
