import { expect, test } from 'vitest';
import { problemsOf } from '../../test/testing/config-problems.ts';
import { readConfig } from './load.ts';

const url = 'https://a.openai.azure.com';
const oneBackend = { BACKEND_1_URL: url };
const warningsOf = (env: Readonly<Record<string, string>>) => readConfig(env).warnings;

test.each([
  ['BACKEND_EAST_URL', 'BACKEND_1_URL, BACKEND_2_URL …'],
  ['BACKEND_EAST_API_KEY', 'BACKEND_1_APIKEY, BACKEND_2_APIKEY …'],
  ['BACKEND2_URL', 'BACKEND_2_URL'],
  ['BACKENDS_2_URL', 'BACKEND_2_URL'],
  ['backend_2_url', 'BACKEND_2_URL'],
  ['Backend-2-Url', 'BACKEND_2_URL'],
  ['\uFEFFBACKEND_2_URL', 'BACKEND_2_URL'],
  ['export BACKEND_2_URL', 'BACKEND_2_URL'],
  ['BACKEND_2_URL ', 'BACKEND_2_URL'],
  ['HTTP_TIMEOUT_SECOND', 'HTTP_TIMEOUT_SECONDS'],
  ['HTTP_TIMEOUTS_SECONDS', 'HTTP_TIMEOUT_SECONDS'],
  ['log-level', 'LOG_LEVEL'],
  ['SPILLWAY_CONFG', 'SPILLWAY_CONFIG'],
  ['SPILLWAY_BASEPATH', 'SPILLWAY_BASE_PATH'],
  ['SPILLWAY_PORT', 'PORT'],
])('the variable %s beside others is a warning that names the right one', (name, meant) => {
  const warnings = warningsOf({ ...oneBackend, [name]: '8081' });
  expect(warnings).toEqual([
    {
      key: expect.any(String),
      found: expect.stringMatching(/^(?:a name|an unknown variable)/),
      allowed: meant,
    },
  ]);
});

test.each([
  'BACKEND_EAST_URL',
  'BACKEND_URL',
  'backend_1_url',
  '\uFEFFBACKEND_1_URL',
  'SPILLWAY_CONFIG_FILE',
])('the variable %s alone is told beside the missing backend', (name) => {
  expect(problemsOf({ [name]: url }).map(({ key }) => key)).toEqual([
    'BACKEND_1_URL',
    name.replace('\uFEFF', '\\ufeff'),
  ]);
});

test('variables of other programs are no warning', () => {
  const others = {
    BACKEND_URL: url,
    BACKEND_HOST: 'x',
    MY_BACKEND_1_URL: url,
    FRONTEND_URL: url,
    HOSTNAME: 'pod-1',
    PORTS: '1',
    HTTP_TIMEOUT: '3',
    BACKEND_EAST_URL: ' ',
    LOG_FORMAT: 'x',
  };
  expect(warningsOf({ ...oneBackend, ...others })).toEqual([]);
});

/** The variables that Kubernetes sets for a service. */
const ofService = (name: string) => ({
  [`${name}_SERVICE_HOST`]: '10.0.0.1',
  [`${name}_SERVICE_PORT`]: '80',
  [`${name}_SERVICE_PORT_HTTP`]: '80',
  [`${name}_PORT`]: 'tcp://10.0.0.1:80',
  [`${name}_PORT_80_TCP`]: 'tcp://10.0.0.1:80',
  [`${name}_PORT_80_TCP_PROTO`]: 'tcp',
  [`${name}_PORT_80_TCP_PORT`]: '80',
  [`${name}_PORT_80_TCP_ADDR`]: '10.0.0.1',
});

test('variables that Kubernetes sets for services named backend-1 and spillway are no mistake', () => {
  const env = {
    ...oneBackend,
    ...ofService('BACKEND_1'),
    ...ofService('SPILLWAY'),
    ...ofService('BACKEND_7'),
  };
  const { config, warnings } = readConfig(env);
  expect(config.backends).toHaveLength(1);
  expect(warnings).toEqual([]);
});

test.each<[string, Readonly<Record<string, string>>]>([
  ['twice', { BACKEND_2_URL: url }],
  ['in another spelling', { BACKEND_2_URL: 'https://A.openai.azure.com:443/' }],
  ['with another key', { BACKEND_2_URL: url, BACKEND_2_APIKEY: 'second' }],
])('the same endpoint %s is a warning', (_, more) => {
  expect(warningsOf({ ...oneBackend, ...more })).toEqual([
    { key: 'BACKEND_2_URL', found: expect.stringContaining('BACKEND_1_URL'), allowed: expect.any(String) },
  ]);
});

test.each<[string, Readonly<Record<string, string>>]>([
  ['other deployments', { BACKEND_2_URL: url, BACKEND_2_DEPLOYMENT_NAME: 'gpt-4o' }],
  ['another path', { BACKEND_2_URL: `${url}/team` }],
])('the same endpoint with %s is no warning', (_, more) => {
  expect(warningsOf({ ...oneBackend, ...more })).toEqual([]);
});
