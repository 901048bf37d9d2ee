import { expect, test } from 'vitest';
import { problemsOf, wrongKeys } from '../../test/testing/config-problems.ts';
import { writeConfigFile } from '../../test/testing/write-config-file.ts';
import { loadConfig, readConfig } from './load.ts';

const oneBackend = { BACKEND_1_URL: 'https://a.openai.azure.com' };

test('the environment alone configures one backend with a URL, and everything else has its default', () => {
  expect(loadConfig(oneBackend)).toEqual({
    host: '127.0.0.1',
    port: 8080,
    admin: { host: '127.0.0.1', port: 8090, allowedHosts: [] },
    backends: [{ name: 'backend-1', url: 'https://a.openai.azure.com', priority: 1, weight: 1 }],
    strategy: 'most-headroom',
    timeouts: {
      connectMs: 5000,
      attemptMs: 100_000,
      overallMs: 230_000,
      perMegabyteMs: 0,
      minAttemptMs: 500,
      responseIdleMs: 300_000,
      requestHeadersMs: 15_000,
      requestMs: 300_000,
      clientStallMs: 60_000,
      sessionIdleMs: 300_000,
      connectionMaxAgeMs: 300_000,
      keepAliveMs: 75_000,
      lameDuckMs: 3000,
      shutdownMs: 30_000,
    },
    stream: { holdMs: 10_000 },
    quota: { tokenWindowMs: 60_000, requestWindowMs: 10_000 },
    cooldown: { defaultMs: 10_000, floorMs: 100, ceilingMs: 300_000 },
    outlier: { share: 0.3, consecutiveFailures: 3 },
    retryBudget: { share: 0.2, minRetriesPerSecond: 10 },
    limits: {
      replayBytes: 27_262_976,
      bodyBytes: 536_870_912,
      connections: 10_000,
      inFlight: 5000,
      headerBytes: 16_384,
    },
    ownership: { maxEntries: 100_000, ttlMs: 2_592_000_000 },
    hedge: { afterMs: 'auto' },
    allowBackendPin: false,
    auth: { allowOpen: false, maxFailuresPerMinute: 60 },
    exposeBackendUrl: false,
    logLevel: 'info',
    logSuccesses: 1,
  });
});

test('the environment alone configures all that it knows, and leaves other programs’ variables alone', () => {
  const config = loadConfig({
    BACKEND_2_URL: 'http://b:8081/prefix/',
    BACKEND_2_APIKEY: 'key-b',
    BACKEND_2_PRIORITY: '0',
    BACKEND_2_WEIGHT: '0.5',
    BACKEND_2_NAME: 'b',
    BACKEND_2_DEPLOYMENT_NAME: 'gpt-4o-eu',
    BACKEND_2_TPM: '30000',
    BACKEND_2_RPM: '180',
    BACKEND_2_SPILL_AT: '0.9',
    BACKEND_2_MAX_IN_FLIGHT: '50',
    BACKEND_2_QUOTA_GROUP: 'shared',
    BACKEND_10_URL: 'https://c',
    ...oneBackend,
    HTTP_TIMEOUT_SECONDS: '1.5',
    HOST: '0.0.0.0',
    SPILLWAY_ALLOW_OPEN: 'True',
    PORT: '0',
    LOG_LEVEL: 'warn',
    PATH: '/usr/bin',
    BACKEND: 'x',
    BACKENDS_1_URL: 'x',
    BACKEND_URL: 'x',
    MY_BACKEND_1_URL: 'x',
  });
  expect(config).toMatchObject({ host: '0.0.0.0', port: 0, logLevel: 'warn', auth: { allowOpen: true } });
  expect(config.timeouts).toMatchObject({ attemptMs: 1500, overallMs: 230_000, requestMs: 300_000 });
  expect(config.backends).toEqual([
    { name: 'backend-1', url: 'https://a.openai.azure.com', priority: 1, weight: 1 },
    {
      name: 'b',
      url: 'http://b:8081/prefix/',
      apiKey: 'key-b',
      priority: 0,
      weight: 0.5,
      deployment: 'gpt-4o-eu',
      tpm: 30_000,
      rpm: 180,
      spillAt: 0.9,
      maxInFlight: 50,
      quotaGroup: 'shared',
    },
    { name: 'backend-10', url: 'https://c', priority: 1, weight: 1 },
  ]);
});

test('the environment alone takes empty variables for unset ones, as deployment templates leave them', () => {
  const empty = [
    'PORT',
    'HOST',
    'HTTP_TIMEOUT_SECONDS',
    'SPILLWAY_CONFIG',
    'BACKEND_1_APIKEY',
    'BACKEND_2_URL',
  ];
  const config = loadConfig({ ...oneBackend, ...Object.fromEntries(empty.map((name) => [name, ''])) });
  expect(config).toEqual(loadConfig(oneBackend));
});

test('what is wrong in the environment is told all at once, with the variable, what was found and what is allowed', () => {
  expect(
    problemsOf({
      BACKEND_1_URL: 'a.openai.azure.com',
      BACKEND_1_PRIORITY: '1.5',
      BACKEND_1_WEIGHT: '-1',
      BACKEND_2_APIKEY: 'two words',
      BACKEND_2_REGION: 'eu',
      HTTP_TIMEOUT_SECONDS: '0',
      PORT: '65536',
      LOG_LEVEL: 'loud',
    }).map(({ key, found, allowed }) => `${key}: ${found}: ${allowed}`),
  ).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^BACKEND_1_URL: .*not shown.*: a URL such as https:/),
      'BACKEND_1_PRIORITY: 1.5: a whole number from 0 to 1000',
      'BACKEND_1_WEIGHT: -1: a number from 0 to 1000000',
      expect.stringMatching(/^BACKEND_2_URL: nothing: a URL such as/),
      expect.stringMatching(/^BACKEND_2_APIKEY: .*not shown.*: a key of printable characters/),
      expect.stringMatching(
        /^BACKEND_2_REGION: an unknown variable: one of BACKEND_2_URL, .*BACKEND_2_MAX_IN_FLIGHT$/,
      ),
      'HTTP_TIMEOUT_SECONDS: "0": seconds from 0.001 to 86400',
      'PORT: 65536: a whole number from 0 to 65535',
      expect.stringMatching(/^LOG_LEVEL: .*: one of debug, info, warn, error, silent$/),
    ]),
  );
});

test('what is wrong in the environment is nothing but the missing backend when it is empty', () => {
  expect(problemsOf({})).toEqual([
    { key: 'BACKEND_1_URL', found: 'nothing', allowed: expect.stringContaining('at least one backend') },
  ]);
});

test.each([
  ['BACKEND_1_URL', 'ftp://a'],
  ['BACKEND_1_URL', 'https://user:password@a'],
  ['BACKEND_1_URL', 'https://a/?api-version=1'],
  ['BACKEND_1_URL', 'https://a/#b'],
  ['BACKEND_1_URL', '/openai'],
  ['BACKEND_1_APIKEY', 'a b'],
  ['BACKEND_1_APIKEY', 'a\r\nx: y'],
  ['BACKEND_1_APIKEY', 'ключ'],
  ['BACKEND_1_NAME', 'a/b'],
  ['BACKEND_1_NAME', 'a'.repeat(65)],
  ['BACKEND_1_PRIORITY', '-1'],
  ['BACKEND_1_PRIORITY', '1001'],
  ['BACKEND_1_PRIORITY', 'first'],
  ['BACKEND_1_PRIORITY', '0x1'],
  ['BACKEND_1_PRIORITY', '1e3'],
  ['BACKEND_1_WEIGHT', '-1'],
  ['BACKEND_1_WEIGHT', 'NaN'],
  ['BACKEND_1_WEIGHT', 'Infinity'],
  ['BACKEND_1_WIEGHT', '1'],
  ['PORT', '-1'],
  ['PORT', '80.5'],
  ['PORT', '8080x'],
  ['HTTP_TIMEOUT_SECONDS', '-1'],
  ['HTTP_TIMEOUT_SECONDS', '100s'],
  ['HTTP_TIMEOUT_SECONDS', '86401'],
  ['LOG_LEVEL', 'INFO'],
])('%s=%j is one problem, at that variable', (variable, value) => {
  expect(wrongKeys({ ...oneBackend, [variable]: value })).toEqual([variable]);
});

test('two backends of one name in the environment are told', () => {
  const problems = problemsOf({ ...oneBackend, BACKEND_2_URL: 'https://b', BACKEND_2_NAME: 'backend-1' });
  expect(problems).toHaveLength(1);
  expect(problems[0]!.found).toContain('backend-1');
});

const secret = 'f3b1c9d2e4a5968778695a4b3c2d1e0f';
const fields = ['URL', 'APIKEY', 'PRIORITY', 'WEIGHT', 'NAME', 'DEPLOYMENT_NAME', 'REGION'];
const others = ['BACKEND_2_APIKEY', 'HOST', 'PORT', 'LOG_LEVEL', 'HTTP_TIMEOUT_SECONDS'];
const variables = [...fields.map((field) => `BACKEND_1_${field}`), ...others];
// Each shape is wrong in every field that can be wrong.
const shapes = [
  secret,
  `${secret} \n`,
  `https://user:${secret}@a`,
  `https://a/?api-key=${secret}`,
  `${secret}/${secret}`,
];
test.each(variables)('a secret in %s is never printed', (variable) => {
  for (const value of shapes) {
    const env = { ...oneBackend, BACKEND_3_PRIORITY: 'wrong', [variable]: value };
    const problems = problemsOf(env);
    expect(problems).not.toEqual([]);
    expect(JSON.stringify(problems)).not.toContain(secret);
  }
});

test('a slip in the environment such as spaces around a value does not count', () => {
  const { backends } = loadConfig({ BACKEND_1_URL: ' https://a \n', BACKEND_1_APIKEY: 'key\n' });
  expect(backends[0]).toMatchObject({ url: 'https://a', apiKey: 'key' });
});

test('a slip in the environment such as one number written in two ways is told, instead of one backend being lost', () => {
  expect(problemsOf({ BACKEND_7_URL: 'https://a', BACKEND_007_URL: 'https://b' })).toEqual([
    { key: 'BACKEND_007_URL', found: 'BACKEND_7_URL as well', allowed: 'each number once' },
  ]);
});

test('a slip in the environment such as a variable’s name that is nearly right is told with the right one', () => {
  const [problem] = problemsOf({ ...oneBackend, BACKEND_1_API_KEY: 'x' });
  expect(problem).toMatchObject({ found: 'an unknown variable (did you mean BACKEND_1_APIKEY?)' });
});

test('a slip in the environment such as an Azure endpoint without TLS is told, as its key could be read on the way', () => {
  const [problem] = problemsOf({ BACKEND_1_URL: 'http://my.openai.azure.com', BACKEND_1_APIKEY: 'x' });
  expect(problem?.allowed).toMatch(/^https/);
});

test.each(['"https://a"', "'https://a'", ' "https://a" \r'])(
  'a slip in the environment such as the quotes of a Docker env file, %s, does not count',
  (url) => {
    expect(loadConfig({ BACKEND_1_URL: url, BACKEND_1_APIKEY: "'key'", PORT: '"0"' })).toMatchObject({
      backends: [{ url: 'https://a', apiKey: 'key' }],
      port: 0,
    });
  },
);

test('a slip in the environment such as a comment behind a value is told', () => {
  const [problem] = problemsOf({ ...oneBackend, BACKEND_1_PRIORITY: '1 # first' });
  expect(problem).toMatchObject({ found: 'a text with a comment behind it (not shown)' });
});

test('a time for attempts that no request has is a warning that names the variable', () => {
  const { warnings } = readConfig({ ...oneBackend, HTTP_TIMEOUT_SECONDS: '600' });
  expect(warnings).toEqual([
    {
      key: 'HTTP_TIMEOUT_SECONDS',
      found: '600000 ms, but after 230000 a request ends with a 504',
      allowed: 'at most timeouts.overallMs (230000), or a longer timeouts.overallMs',
    },
  ]);
});

test('a whole time that is shorter than that of attempts by default is no warning', () => {
  const file = writeConfigFile('timeouts: { overallMs: 30000 }');
  expect(readConfig({ ...oneBackend, SPILLWAY_CONFIG: file }).warnings).toEqual([]);
});
