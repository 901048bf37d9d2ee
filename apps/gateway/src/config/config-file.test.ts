import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { problemsOf, wrongKeys } from '../../test/testing/config-problems.ts';
import { writeConfigFile } from '../../test/testing/write-config-file.ts';
import type { ConfigProblem } from './config-error.ts';
import type { Environment } from './environment.ts';
import { loadConfig } from './load.ts';

const load = (text: string, env: Environment = {}) =>
  loadConfig({ ...env, SPILLWAY_CONFIG: writeConfigFile(text) });

/** Returns the problems of a file, called by its base name. */
function problems(text: string | Buffer, env: Environment = {}): ConfigProblem[] {
  const file = writeConfigFile(text);
  return problemsOf({ ...env, SPILLWAY_CONFIG: file }).map(({ key, found, allowed }) => ({
    key: key.replace(file, 'file'),
    found: found.replace(file, 'file'),
    allowed,
  }));
}
const places = (text: string, env: Environment = {}) => problems(text, env).map(({ key }) => key);

test('a file may say everything', () => {
  const config = load(`
host: 0.0.0.0
auth: { allowOpen: true }
port: 9000
strategy: least-in-flight
exposeBackendUrl: true
logLevel: debug
backends:
  - name: eu
    url: https://eu.openai.azure.com
    apiKey: key-eu
    priority: 1
    weight: 3
    deployments:
      gpt-4o: gpt-4o-eu
      "o3": o3-eu
  - url: https://us.openai.azure.com/base
    deployment: spare
timeouts:
  connectMs: 100
cooldown: { floorMs: 1, ceilingMs: 2, defaultMs: 3 }
limits:
  bodyBytes: 1000
`);
  expect(config).toMatchObject({
    host: '0.0.0.0',
    port: 9000,
    strategy: 'least-in-flight',
    exposeBackendUrl: true,
    logLevel: 'debug',
    cooldown: { floorMs: 1, ceilingMs: 2, defaultMs: 3 },
    limits: { replayBytes: 27_262_976, bodyBytes: 1000, headerBytes: 16_384 },
  });
  expect(config.timeouts).toMatchObject({ connectMs: 100, requestMs: 300_000 });
  expect(config.backends).toEqual([
    {
      name: 'eu',
      url: 'https://eu.openai.azure.com',
      apiKey: 'key-eu',
      priority: 1,
      weight: 3,
      deployments: { 'gpt-4o': 'gpt-4o-eu', o3: 'o3-eu' },
    },
    {
      name: 'backend-2',
      url: 'https://us.openai.azure.com/base',
      priority: 1,
      weight: 1,
      deployment: 'spare',
    },
  ]);
});

test('a file may be JSON', () => {
  expect(load('{"port": 9000, "backends": [{"url": "https://a"}]}')).toMatchObject({ port: 9000 });
});

test('a file yields to the environment, key by key', () => {
  const text =
    'port: 1\nlogLevel: warn\ntimeouts: {attemptMs: 1, connectMs: 2}\nbackends: [{url: "https://a"}]';
  const config = load(text, { PORT: '3', HTTP_TIMEOUT_SECONDS: '4' });
  expect(config).toMatchObject({ port: 3, logLevel: 'warn' });
  expect(config.timeouts).toMatchObject({ attemptMs: 4000, connectMs: 2 });
});

test('a file that is empty leaves everything to the environment', () => {
  expect(load('', { BACKEND_1_URL: 'https://a' }).backends).toHaveLength(1);
  expect(load('# nothing yet\n', { BACKEND_1_URL: 'https://a' }).backends).toHaveLength(1);
});

test('a file takes numbers from the environment too, unless they are quoted', () => {
  const text = 'port: ${PORT_OF_MINE}\nbackends: [{url: "https://a", weight: "${WEIGHT}"}]';
  expect(places(text, { PORT_OF_MINE: '9000', WEIGHT: '2' })).toEqual(['file:2 backends[0].weight']);
  expect(load(text.replaceAll('"${WEIGHT}"', '1'), { PORT_OF_MINE: '9000' }).port).toBe(9000);
});

test.each([
  ['true', true],
  ['False', false],
])('a file takes flags from the environment too: %s', (value, expected) => {
  const text = 'exposeBackendUrl: ${EXPOSE}\nbackends: [{url: "https://a"}]';
  expect(load(text, { EXPOSE: value }).exposeBackendUrl).toBe(expected);
  const quoted = text.replace('${EXPOSE}', '"${EXPOSE}"');
  expect(places(quoted, { EXPOSE: value })).toEqual(['file:1 exposeBackendUrl']);
});

test.each([
  'timeouts: !!set { connectMs }',
  'timeouts: !!omap [ connectMs: 5 ]',
  'timeouts: !!pairs [ connectMs: 5 ]',
  'host: !!binary aGk=',
])('a tag that would make values without keys is told, as they would do nothing: %s', (line) => {
  expect(problems(`backends: [{url: "https://a"}]\n${line}\n`)).toEqual([
    expect.objectContaining({ key: 'file:2', found: expect.stringContaining('a tag') }),
  ]);
});

test.each([
  ['nothing', 'timeouts: { <<: }'],
  ['a number', 'timeouts: { <<: 5 }'],
  ['a list', 'timeouts: { <<: [{ connectMs: 5 }, 1] }'],
  ['the alias of a text', 'timeouts: { <<: *name }'],
])('a merge key with %s is told with its line', (_, line) => {
  expect(problems(`backends: [{url: "https://a", name: &name x}]\n${line}\n`)).toEqual([
    {
      key: 'file:2',
      found: '<< with something else than a map',
      allowed: '`<<: *name`, of a map with the anchor &name',
    },
  ]);
});

test('a file takes secrets from the environment, and no value can change its shape', () => {
  const text = 'backends: [{url: "${URL}/x", apiKey: "${KEY}", name: "${A}-${A}"}]';
  const config = load(text, { URL: 'https://a', KEY: '"},{x:y}#', A: 'b' });
  expect(config.backends).toEqual([
    { url: 'https://a/x', apiKey: '"},{x:y}#', name: 'b-b', priority: 1, weight: 1 },
  ]);
});

test('what is wrong in a file is told all at once, with line, key, what was found and what is allowed', () => {
  const text = `port: 80000

backends:
  - url: https://a
    priority: -1
    keys: x
  - name: b
    weight: -1
cooldown:
  floorMs: 0
strategy: fastest
timeout: 1
`;
  const lines = problems(text, { LOG_LEVEL: 'loud' }).map(({ key, found }) => `${key}: ${found}`);
  expect(new Set(lines)).toEqual(
    new Set([
      'file:1 port: 80000',
      'file:5 backends[0].priority: -1',
      'file:6 backends[0].keys: an unknown key',
      'file:7 backends[1].url: nothing',
      'file:8 backends[1].weight: -1',
      'file:10 cooldown.floorMs: 0',
      'file:11 strategy: "fastest"',
      'file:12 timeout: an unknown key (did you mean timeouts?)',
      'LOG_LEVEL: "loud"',
    ]),
  );
});

test('the problems of a file are told in the order of its lines, before those of variables', () => {
  const text = 'strategy: fastest\nport: 80000\nbackends: [{url: "https://a"}]\nport2: 1\ncors: 5\n';
  expect(places(text, { LOG_LEVEL: 'loud' }).map((key) => key.split(' ')[0])).toEqual([
    'file:1',
    'file:2',
    'file:4',
    'file:5',
    'LOG_LEVEL',
  ]);
});

test('members of one quota group in a file must not contradict each other', () => {
  const text = `backends:
  - { url: "https://a", quotaGroup: g, tpm: 1000 }
  - { url: "https://b", quotas: { x: { quotaGroup: g, tpm: 2000 }, y: { quotaGroup: other, tpm: 3000 } } }
  - { url: "https://c", quotaGroup: g }
`;
  expect(problems(text)).toEqual([
    {
      key: 'quotaGroup "g"',
      found: 'more than one tpm: 1000, 2000',
      allowed: 'the same tpm everywhere, as it is one quota',
    },
  ]);
});

test('a key in a file that is not known is told with those that are', () => {
  const [problem] = problems('backends: [{url: "https://a"}]\nlimits:\n  bodyMegabytes: 1\n');
  expect(problem).toEqual({
    key: 'file:3 limits.bodyMegabytes',
    found: 'an unknown key',
    allowed: 'one of replayBytes, bodyBytes, connections, inFlight, keptBytes, memoryBytes, headerBytes',
  });
});

test('a value where a map belongs is told with the keys of that map', () => {
  const keys = `clients:\n  - name: chat\n    keys:\n      - ${'a'.repeat(40)}\n`;
  const [problem] = problems(`backends: [{url: "https://a"}]\n${keys}`);
  expect(problem).toEqual({
    key: 'file:5 clients[0].keys[0]',
    found: 'a text (not shown)',
    allowed: 'a map of `key: value`, with a space after each colon; its keys are sha256, expires, disabled',
  });
});

test.each([
  ['admin: true', 'file:2 admin'],
  ['admin: [1]', 'file:2 admin'],
  ['admin: { port: -1 }', 'file:2 admin.port'],
  ['admin: { allowedHosts: ops.example.com }', 'file:2 admin.allowedHosts'],
  ['admin: { allowedHosts: ["https://ops.example.com"] }', 'file:2 admin.allowedHosts[0]'],
  ['admin: { allowedHosts: ["ops.example.com:8090"] }', 'file:2 admin.allowedHosts[0]'],
  ['admin: { allowedHosts: ["*.example.com"] }', 'file:2 admin.allowedHosts[0]'],
  ['admin: { allowedHosts: [""] }', 'file:2 admin.allowedHosts[0]'],
  ['admin: { token: short }', 'file:2 admin.token'],
  ['admin: { host: 0.0.0.0 }', 'file:2 admin.token'],
  ['timeouts: fast', 'file:2 timeouts'],
  ['timeouts: [1]', 'file:2 timeouts'],
  ['cooldown: 5', 'file:2 cooldown'],
  ['port: "9000"', 'file:2 port'],
  ['port: 9e9', 'file:2 port'],
  ['exposeBackendUrl: maybe', 'file:2 exposeBackendUrl'],
  ['host: ""', 'file:2 host'],
  ['host: 1', 'file:2 host'],
])('%s in a file is one problem, in words of ours', (line, key) => {
  const [problem, ...others] = problems(`backends: [{url: "https://a"}]\n${line}\n`);
  expect(problem).toMatchObject({ key });
  expect(problem!.allowed).not.toMatch(/Invalid input/);
  expect(others).toEqual([]);
});

test('a map that is given as a text is one problem even when a variable sets one of its keys', () => {
  const text = 'backends: [{url: "https://a"}]\ntimeouts: fast\n';
  expect(places(text, { HTTP_TIMEOUT_SECONDS: '5' })).toEqual(['file:2 timeouts']);
});

test.each([
  ['backends: []', 'file:1 backends'],
  ['backends: {}', 'file:1 backends'],
  ['backends: https://a', 'file:1 backends'],
  ['backends: ["https://a"]', 'file:1 backends[0]'],
  ['backends:\n  - url: https://a\n  -', 'file:3 backends[1]'],
  ['backends: [{url: "https://a", apiKey: 12345}]', 'file:1 backends[0].apiKey'],
  ['backends: [{url: "https://a", deployments: [x]}]', 'file:1 backends[0].deployments'],
  ['backends: [{url: "https://a", deployments: {x: 1}}]', 'file:1 backends[0].deployments.x'],
  ['backends: [{url: "https://a", deployments: {x: ""}}]', 'file:1 backends[0].deployments.x'],
])('%j as backends of a file is one problem, where they stand', (text, key) => {
  const [problem, ...others] = problems(text);
  expect(problem).toMatchObject({ key });
  expect(problem!.allowed).not.toMatch(/Invalid input/);
  expect(others).toEqual([]);
});

test('a file without any backend is told to have none', () => {
  expect(places('port: 1')).toEqual([expect.stringMatching(/^file:1 backends/)]);
});

test.each([
  ['a list', '- a\n- b\n', 'file:1'],
  ['a text', 'just words', 'file:1'],
  ['no YAML', 'backends: [{url: x\nport: 1\n', 'file:2'],
  ['tabs', 'backends:\n\t- url: x\n', 'file:2'],
  ['a key twice', 'port: 1\nbackends: []\nport: 2\n', 'file:3'],
  ['two documents', 'port: 1\n---\nport: 2\n', 'file:2'],
  ['an alias of nothing', 'port: 1\nbackends: *others\n', 'file'],
])('%s in a file is told with its line, and nothing follows from it', (_, text, key) => {
  const found = places(text);
  expect(new Set(found)).toEqual(new Set([expect.stringContaining(key)]));
});

test('a file that would expand without end is refused', () => {
  const levels = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
  for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg'].map((pair) => pair.split('')))
    levels.push(`${to}: &${to} [${Array.from({ length: 10 }, () => `*${from}`).join(',')}]`);
  expect(places(levels.join('\n'))).not.toEqual([]);
  expect(problems(levels.join('\n'))[0]?.found).toBe('aliases of aliases that expand to too much');
});

test('a variable that is not set is told where a file uses it', () => {
  const text = 'backends:\n  - url: https://a\n    apiKey: ${NO_SUCH_KEY}\n';
  expect(problems(text)).toEqual([
    {
      key: 'file:3 ${NO_SUCH_KEY}',
      found: 'no such environment variable',
      allowed: 'a variable that is set',
    },
  ]);
});

test.each([['no-such-file.yaml'], [tmpdir()]])('a file cannot be read: %s', (file) => {
  expect(problemsOf({ SPILLWAY_CONFIG: file })).toEqual([
    { key: 'SPILLWAY_CONFIG', found: expect.stringContaining(file), allowed: 'a file that can be read' },
  ]);
});

test('backends in a file and in the environment are told of both places, and nothing follows from it', () => {
  const file = writeConfigFile('port: 1\nbackends: [{url: "https://a"}]\n');
  expect(wrongKeys({ SPILLWAY_CONFIG: file, BACKEND_1_PRIORITY: '1' })).toEqual(['BACKEND_1_PRIORITY']);
  const [problem] = problemsOf({ SPILLWAY_CONFIG: file, BACKEND_2_URL: 'https://b' });
  expect(problem).toMatchObject({ key: 'BACKEND_2_URL', found: expect.stringContaining(`${file}:2`) });
});

test('two backends of one name in a file are told', () => {
  const text = 'backends: [{url: "https://a", name: x}, {url: "https://b", name: x}]';
  expect(problems(text)).toEqual([
    expect.objectContaining({
      key: expect.stringContaining('backends[1].name'),
      found: expect.stringMatching(/^"x", the same as .*backends\[0\]\.name$/),
      allowed: 'a different name for each backend',
    }),
  ]);
});

const secret = 'f3b1c9d2e4a5968778695a4b3c2d1e0f';
test.each([
  ['an unknown key’s value', `backends: [{url: "https://a", key: ${secret}}]`],
  ['a URL', `backends: [{url: "https://user:${secret}@a"}]`],
  ['a URL without a key', `backends: ["https://a/?api-key=${secret}"]`],
  ['a key with a space', `backends: [{url: "https://a", apiKey: "${secret} ${secret}"}]`],
  ['a list of keys', `backends: [{url: "https://a", apiKey: [${secret}]}]`],
  ['a key without its space', `backends:\n  - apiKey:${secret}\n`],
  ['a backend without its dash', `backends:\n  apiKey:${secret}\n`],
  ['a name', `backends: [{url: "https://a", name: "${secret}/${secret}"}]`],
  ['a host', `backends: [{url: "https://a"}]\nhost: ${secret}`],
  ['a priority', `backends: [{url: "https://a", priority: ${secret}}]`],
  ['a deployment', `backends: [{url: "https://a", deployments: "${secret}"}]`],
  ['a strategy', `backends: [{url: "https://a"}]\nstrategy: ${secret}`],
  ['a map', `backends: [{url: "https://a"}]\ntimeouts: ${secret}`],
  ['a port by its variable', 'backends: [{url: "https://a"}]\nport: ${KEY}'],
  ['a key by its variable', 'backends: [{url: "x", apiKey: "a ${KEY}"}]'],
  ['a line that is no YAML', `backends: [{url: "https://a", apiKey: "${secret}}]`],
  ['a key twice', `backends: [{url: "https://a", apiKey: ${secret}, apiKey: ${secret}}]`],
  ['a file that is only a key', secret],
])('a secret as %s is never printed', (_, text) => {
  const found = problems(text, { KEY: secret });
  expect(found).not.toEqual([]);
  expect(JSON.stringify(found)).not.toContain(secret);
});

test.each(['keys: hunter2', 'keys: [hunter2]', 'keys: [{ sha256: hunter2 }]'])(
  'a client’s own key is never printed, however short it is: %s',
  (keys) => {
    const found = problems(`backends: [{url: "https://a"}]\nclients:\n  - { name: chat, ${keys} }\n`);
    expect(found).not.toEqual([]);
    expect(JSON.stringify(found)).not.toContain('hunter2');
  },
);

test.each<[string, string, Record<string, unknown>]>([
  [
    'an unknown key of a deployment’s quota',
    'backends: [{ url: "https://a", quotas: { gpt-4o: { tmp: 1 } } }]',
    {
      key: 'file:1 backends[0].quotas.gpt-4o.tmp',
      found: 'an unknown key (did you mean tpm?)',
      allowed: 'one of tpm, rpm, quotaGroup, spillAt',
    },
  ],
  [
    'a variable without quotes in braces',
    'backends:\n  - { url: "https://a", apiKey: ${KEY} }\nport: 1',
    {
      key: 'file:2',
      found: '${KEY} without quotes inside { } or [ ]',
      allowed: '"${KEY}", in quotes',
    },
  ],
  [
    'a variable without quotes in braces of several lines',
    'backends: [\n  {\n    url: ${URL},\n    apiKey: ${KEY}\n  }\n]',
    {
      key: 'file:3',
      found: '${URL} without quotes inside { } or [ ]',
      allowed: '"${URL}", in quotes',
    },
  ],
  [
    'a tab',
    'backends:\n  - url: https://a\n\t  apiKey: x\n\t  name: y',
    {
      key: 'file:3',
      found: 'a tab that indents',
      allowed: 'spaces instead of tabs',
    },
  ],
  [
    'a list that is not closed',
    'backends: [\nport: 8080\n',
    {
      key: 'file:2',
      found: 'a line that is indented too little, or a bracket before it that is not closed',
      allowed: 'more spaces than the line it belongs to, and a closing bracket for each opening one',
    },
  ],
  [
    'a key that is there twice',
    'port: 1\nbackends: [{ url: "https://a" }]\nport: 2',
    {
      key: 'file:3',
      found: 'the same key a second time',
      allowed: 'each key once',
    },
  ],
  [
    'an empty text',
    'host: ""\nbackends: [{ url: "https://a" }]',
    {
      key: 'file:1 host',
      found: 'an empty text',
      allowed: 'a text that is not empty',
    },
  ],
  [
    'one key of two clients',
    'backends: [{ url: "https://a" }]\npriorityClasses: { clients: [{ key: k, class: batch }, { key: k, class: standard }] }',
    {
      key: 'file:2 priorityClasses.clients[1].key',
      found: 'a text (not shown)',
      allowed: 'a key other than that of priorityClasses.clients[0]',
    },
  ],
  [
    'a key that is indented less than those beside it',
    'backends:\n  - name: a\n   url: https://a\n    apiKey: x\n',
    {
      key: 'file:3',
      found: 'a line that is indented too much or too little',
      allowed: 'the same indent as the keys or items beside it',
    },
  ],
  [
    'a key that is indented more than those beside it',
    'backends:\n  - name: a\n     url: https://a\n',
    {
      key: 'file:3',
      found: 'a line that is indented too much',
      allowed: 'the same indent as the keys or items beside it',
    },
  ],
  [
    'spaces of a web page',
    'backends:\n\u00a0\u00a0- { name: a, url: "https://a" }\n',
    {
      key: 'file:2',
      found: 'an indent with spaces of another kind',
      allowed: 'plain spaces',
    },
  ],
  [
    'an origin instead of a list',
    'cors: { allowedOrigins: "*" }\nbackends: [{ url: "https://a" }]',
    {
      key: 'file:1 cors.allowedOrigins',
      found: 'a text (not shown)',
      allowed: "a list of origins such as ['https://app.example.com'], or ['*'] for any",
    },
  ],
  [
    'a variable as shells write it, which is set nowhere',
    'backends: [{ url: "https://a", apiKey: $OTHER_KEY }]',
    {
      key: 'file:1',
      found: '$OTHER_KEY without braces',
      allowed: '${OTHER_KEY}',
    },
  ],
  ...['https://{resource}.openai.azure.com', 'https://<resource>.openai.azure.com'].map(
    (url): [string, string, Record<string, unknown>] => [
      `the URL ${url} of a manual`,
      `backends: [{ url: "${url}" }]`,
      {
        key: 'file:1 backends[0].url',
        found: 'a placeholder in brackets (not shown)',
        allowed: 'the name of the resource instead of what stands in brackets',
      },
    ],
  ),
  [
    'a placeholder for a key',
    'backends: [{ url: "https://a", apiKey: <your-key> }]',
    {
      key: 'file:1 backends[0].apiKey',
      found: 'a placeholder in brackets (not shown)',
      allowed: 'a key of printable characters without spaces',
    },
  ],
  ...['endpoint', 'base_url', 'baseUrl', 'Url'].map((name): [string, string, Record<string, unknown>] => [
    `${name} for the URL of a backend`,
    `backends: [{ ${name}: "https://a" }]`,
    {
      key: `file:1 backends[0].${name}`,
      found: 'an unknown key (did you mean url?)',
      allowed: expect.stringContaining('one of name, url, '),
    },
  ]),
  [
    'a variable with a default, as shells write it',
    'backends: [{ url: "${OTHER:-https://a}" }]',
    { key: 'file:1', found: '${ } with more than a name in it', allowed: '${NAME}' },
  ],
  [
    'a variable for a URL, as shells write it',
    'backends:\n  - url: $URL\n',
    { key: 'file:2', found: '$URL without braces', allowed: '${URL}' },
  ],
  [
    'what a chart was to fill in',
    'backends:\n  - url: https://a\n    apiKey: {{ .Values.key }}\n',
    {
      key: 'file:3',
      found: 'a placeholder in {{ }}, which nothing has put a value in place of',
      allowed: 'what it stands for, or `${NAME}` for a variable',
    },
  ],
  ...['@Microsoft.KeyVault(SecretUri=https://v)', 'os.environ/KEY', 'env:KEY', '%KEY%', '$(KEY)'].map(
    (key): [string, string, Record<string, unknown>] => [
      `${key} for a key`,
      `backends: [{ url: "https://a", apiKey: "${key}" }]`,
      {
        key: 'file:1 backends[0].apiKey',
        found: 'a reference that nothing has put a value in place of (not shown)',
        allowed: 'a key of printable characters without spaces',
      },
    ],
  ),
  [
    'a key that YAML reads as a number',
    'backends: [{ url: "https://a", apiKey: 1e5 }]',
    {
      key: 'file:1 backends[0].apiKey',
      found: 'a number (not shown)',
      allowed: 'a key of printable characters without spaces, in quotes',
    },
  ],
  [
    'a name that YAML reads as a number',
    'backends: [{ url: "https://a", name: 1 }]',
    {
      key: 'file:1 backends[0].name',
      found: '1',
      allowed: 'letters, digits, dots, dashes and underscores, at most 64, in quotes',
    },
  ],
  [
    'a key in the wrong map',
    'backends: [{ url: "https://a" }]\nconnect_ms: 5\n',
    {
      key: 'file:2 connect_ms',
      found: 'an unknown key (did you mean timeouts.connectMs?)',
      allowed: expect.stringContaining('timeouts'),
    },
  ],
  [
    'variables as keys',
    'BACKEND_1_URL: https://a\nBACKEND_1_APIKEY: x\n',
    {
      key: 'file:1 BACKEND_1_URL',
      found: 'the name of a variable',
      allowed: 'keys such as `backends`; variables belong in the environment',
    },
  ],
  [
    'the file of another program',
    'model_list: [{ model_name: x }]',
    { key: 'file:1 model_list', found: 'an unknown key', allowed: expect.stringContaining('backends') },
  ],
  [
    'a comment of JavaScript’s',
    '{\n // east\n "backends": [{"url": "https://a"}]\n}',
    { key: 'file:1', found: 'a comment that begins with //', allowed: 'one with #' },
  ],
  [
    'an alias of nothing',
    'port: 1\nbackends: *others\n',
    {
      key: 'file:2',
      found: 'an alias that cannot be resolved',
      allowed: 'an alias of an anchor above it',
    },
  ],
  [
    'key for the key of a backend',
    'backends: [{ url: "https://a", key: x }]',
    {
      key: 'file:1 backends[0].key',
      found: 'an unknown key (did you mean apiKey?)',
      allowed: expect.stringContaining('one of name, url, '),
    },
  ],
])('a slip in a file is one problem with its line and what to write instead: %s', (_, text, problem) => {
  expect(problems(text, { KEY: 'secret', URL: 'https://a' })).toEqual([problem]);
});

test('the listener for operators can be turned off, whatever variables say, and needs a token where others can reach it', () => {
  const backends = 'backends: [{url: "https://a"}]\n';
  expect(load(`${backends}admin: false\n`, { ADMIN_PORT: '9000' }).admin).toBe(false);
  expect(load(backends, { ADMIN_PORT: '9000', ADMIN_HOST: '::1' }).admin).toMatchObject({
    host: '::1',
    port: 9000,
  });
  const token = 'a-token-of-operators';
  expect(load(backends, { ADMIN_HOST: '0.0.0.0', ADMIN_TOKEN: token }).admin).toMatchObject({ token });
  expect(problems(backends, { ADMIN_HOST: '0.0.0.0' })).toEqual([
    {
      key: 'file:1 admin.token',
      found: 'nothing',
      allowed: expect.stringContaining('as anyone may reach an address other than 127.0.0.1'),
    },
  ]);
  expect(problems(backends, { ADMIN_TOKEN: 'short SECRET' })).toEqual([
    { key: 'ADMIN_TOKEN', found: 'a text (not shown)', allowed: expect.stringContaining('at least 16') },
  ]);
});

test('an unknown key of the listener for operators is told with the nearest', () => {
  expect(problems('backends: [{url: "https://a"}]\nadmin:\n  allowedHost: [x]\n')).toEqual([
    {
      key: 'file:3 admin.allowedHost',
      found: 'an unknown key (did you mean allowedHosts?)',
      allowed: 'one of host, port, token, allowedHosts',
    },
  ]);
});

test.each<[string, string | Buffer, Partial<ConfigProblem>]>([
  ['in UTF-16', Buffer.from('\uFEFFbackends: []', 'utf16le'), { allowed: 'a text in UTF-8' }],
  ['of variables', 'BACKEND_1_URL=https://a\n', { found: 'lines of NAME=value' }],
  ['of a shell’s', 'export PORT=80\n', { found: 'lines of NAME=value' }],
  [
    'with a map of backends',
    'backends: {east: {url: "https://a"}}',
    { allowed: expect.stringContaining('a list') },
  ],
  [
    'without a space after a colon',
    'backends:\n  - url:https://a\n',
    { allowed: expect.stringContaining('space') },
  ],
  [
    'without a space after the colon of a later key',
    'backends:\n  - name: a\n    url:https://a\n',
    { found: 'a line without a colon and a space' },
  ],
  [
    'with a client’s key in place of its hash',
    'backends: [{url: "https://a"}]\nclients: [{name: a, keys: [{sha256: spw_abc}]}]',
    { found: 'the key itself (not shown)' },
  ],
  [
    'with a budget that has no limit',
    'backends: [{url: "https://a"}]\nclients: [{name: a, budgets: [{deployments: [b]}]}]',
    { found: 'a map with none of these' },
  ],
  [
    'with the port of operators for clients',
    'backends: [{url: "https://a"}]\nport: 8090\n',
    { key: 'file:2 port', found: '8090, which the listener for operators uses as well (admin.port)' },
  ],
  ['with a no-break space', 'backends:\n\u00a0 - url: https://a\n', { allowed: 'plain spaces' }],
  [
    'with a tag',
    'backends: [{url: "https://a", apiKey: !secret key}]',
    { found: 'a tag such as !secret or !Ref, which means nothing here' },
  ],
  ['with a number in quotes', 'port: "80"\nbackends: [{url: "https://a"}]', { found: '"80" in quotes' }],
  ['with a unit', 'backends: [{url: "https://a", tpm: "30,000 t"}]', { found: '"30,000 t"' }],
  [
    'with typographic quotes',
    'backends:\n  - url: \u201chttps://a\u201d\n',
    { found: expect.stringContaining('typographic') },
  ],
  [
    'with two URLs in one',
    'backends: [{url: "https://a,https://b"}]',
    { allowed: expect.stringContaining('one for each') },
  ],
])('a file %s is told what to write instead', (_, content, problem) => {
  expect(problems(content)).toContainEqual(expect.objectContaining(problem));
});

test.each<[string, string]>([
  ['${URL:-https://a}', '${NAME}'],
  ['${}', '${NAME}'],
  ['$URL', '${URL}'],
])('what a shell would put in place of %s is told', (text, allowed) => {
  const told = problems(`backends: [{url: '${text}'}]`, { URL: 'https://a' });
  expect(told[0]).toMatchObject({ allowed });
});

test('a dollar sign in a value that is no variable stays', () => {
  expect(problems('backends: [{url: "https://a", apiKey: "$ecret$"}]')).toEqual([]);
});

test('backends may share what an anchor names', () => {
  const { backends } = load(
    'backends:\n  - &east\n    url: https://a\n    priority: 2\n  - <<: *east\n    url: https://b\n',
  );
  expect(backends).toMatchObject([
    { url: 'https://a', priority: 2 },
    { url: 'https://b', priority: 2 },
  ]);
});
