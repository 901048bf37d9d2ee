import { expect, test } from 'vitest';
import { writeConfigFile } from '../../test/testing/write-config-file.ts';
import { readConfig } from './load.ts';

const backends = [{ url: 'https://a' }];

function warningsOf(file: object, env: Readonly<Record<string, string>>) {
  const path = writeConfigFile(JSON.stringify({ backends, ...file }));
  const { warnings } = readConfig({ SPILLWAY_CONFIG: path, ...env });
  return warnings.map(({ key, found }) => `${key.split(' ').at(-1)}: ${found}`);
}

test.each<[string, object, Readonly<Record<string, string>>]>([
  ['logLevel', { logLevel: 'info' }, { LOG_LEVEL: 'warn' }],
  ['port', { port: 8080 }, { PORT: '9090' }],
  ['timeouts.attemptMs', { timeouts: { attemptMs: 7000 } }, { HTTP_TIMEOUT_SECONDS: '50' }],
  ['server.basePath', { server: { basePath: '/a' } }, { SPILLWAY_BASE_PATH: '/b' }],
  ['admin.token', { admin: { token: 'a'.repeat(32) } }, { ADMIN_TOKEN: 'b'.repeat(32) }],
  ['auth.allowOpen', { auth: { allowOpen: true } }, { SPILLWAY_ALLOW_OPEN: 'false' }],
])('%s of the file is warned of where a variable sets another value', (key, file, env) => {
  const [variable = ''] = Object.keys(env);
  expect(warningsOf(file, env)).toEqual([
    `${key}: a value that has no effect, as the variable ${variable} sets another`,
  ]);
});

test.each<[string, object]>([
  ['the same value in the file and in a variable', { port: 9090, timeouts: { attemptMs: 50_000 } }],
  ['a key beside the one that a variable sets', { timeouts: { overallMs: 60_000 }, admin: { port: 1 } }],
  ['a listener for operators that only the file switches off', { admin: false }],
])('%s is no mistake', (_, file) => {
  const env = { PORT: '9090', HTTP_TIMEOUT_SECONDS: '50', ADMIN_HOST: '127.0.0.2', LOG_LEVEL: ' ' };
  expect(warningsOf(file, env)).toEqual([]);
});
