import { truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { problemsOf } from '../../test/testing/config-problems.ts';
import { writeConfigFile } from '../../test/testing/write-config-file.ts';
import { loadConfig } from './load.ts';
import { readSecret, readSecretLater } from './read-secret.ts';

const BACKEND_1_URL = 'https://a.openai.azure.com';
const KEY = '0123456789abcdef0123456789abcdef';

test('a key’s file may be named by a variable, and the configuration has its path alone', () => {
  const file = writeConfigFile(`${KEY}\n`, 'key');
  const config = loadConfig({ BACKEND_1_URL, BACKEND_1_APIKEY_FILE: file });
  expect(config.backends[0]).toMatchObject({ apiKeyFile: file });
  expect(JSON.stringify(config)).not.toContain(KEY);
});

test('a key that is said twice is told', () => {
  const file = writeConfigFile(KEY, 'key');
  const allowed = 'apiKey or apiKeyFile, not both';
  expect(problemsOf({ BACKEND_1_URL, BACKEND_1_APIKEY: 'k', BACKEND_1_APIKEY_FILE: file })).toEqual([
    { key: 'BACKEND_1_APIKEY_FILE', found: 'apiKey as well', allowed },
  ]);
});

/** Returns the problems of an identity. */
const problems = (identity: object) =>
  problemsOf({
    SPILLWAY_CONFIG: writeConfigFile(
      JSON.stringify({ backends: [{ url: BACKEND_1_URL, identity: { clientId: 'c', ...identity } }] }),
    ),
  });

test('an application’s secret that is said twice is told, and one without its tenant', () => {
  const secret = writeConfigFile(KEY, 'secret');
  expect(problems({ tenantId: 't', clientSecret: 's', clientSecretFile: secret })).toMatchObject([
    {
      key: expect.stringContaining('clientSecretFile'),
      allowed: 'clientSecret or clientSecretFile, not both',
    },
  ]);
  expect(problems({ clientSecretFile: secret })).toMatchObject([
    { key: expect.stringContaining('tenantId'), found: 'nothing' },
  ]);
  expect(problems({ tenantId: 't', clientSecretFile: secret })).toEqual([]);
});

test.each<[string, string | undefined]>([
  ['(ENOENT)', undefined],
  ['(an empty file)', '\n'],
  ['(more than 4096 bytes)', KEY.repeat(200)],
  ['(something other than one key of printable characters without spaces)', `${KEY} ${KEY}`],
])('a key’s file that cannot be used at the start is named, with %s and nothing of it', (reason, content) => {
  const file = content === undefined ? '/nowhere/key' : writeConfigFile(content, 'key');
  const problems = problemsOf({ BACKEND_1_URL, BACKEND_1_APIKEY_FILE: file });
  expect(problems).toMatchObject([{ key: 'BACKEND_1_APIKEY_FILE', found: `"${file}" ${reason}` }]);
  expect(JSON.stringify(problems)).not.toContain(KEY);
});

test('a key’s file that is far too large is not read', async () => {
  const file = writeConfigFile(KEY, 'key');
  // More than can be read at once.
  truncateSync(file, 2 ** 32);
  const problem = 'more than 4096 bytes';
  expect([readSecret(file), await readSecretLater(file)]).toEqual([{ problem }, { problem }]);
});

test('a key’s file that is a folder is told', () => {
  const folder = dirname(writeConfigFile(KEY, 'key'));
  expect(problemsOf({ BACKEND_1_URL, BACKEND_1_APIKEY_FILE: folder })).toMatchObject([
    { found: `"${folder}" (a directory)` },
  ]);
});

test('a key in the place of its file’s name is not shown', () => {
  const problems = problemsOf({ BACKEND_1_URL, BACKEND_1_APIKEY_FILE: KEY });
  expect(problems).toMatchObject([{ found: 'a text (not shown) (ENOENT)' }]);
});

test.each([
  ['with a dot and a tilde, as Entra makes them', 'Kx18Q~aB.cDeFgHiJkLmNoPqRsTuVwXyZ01234567'],
  ['with slashes, in Base64', 'q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ/q83vEjRWeJCrze8SNFZ4kA=='],
])('a secret %s, is not shown in the place of its file’s name', (_, clientSecretFile) => {
  const [problem] = problems({ tenantId: 't', clientSecretFile });
  expect(problem).toMatchObject({ found: 'a text (not shown) (ENOENT)', isFileAbsent: false });
});

test('the path of a file that is not there is shown although it begins at no root and has no extension', () => {
  const [problem] = problems({ tenantId: 't', clientSecretFile: 'secrets/azure-openai_client-secret' });
  expect(problem).toMatchObject({
    found: '"secrets/azure-openai_client-secret" (ENOENT)',
    isFileAbsent: true,
  });
});
