import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { problemsOf } from '../../test/testing/config-problems.ts';
import { writeConfigFile } from '../../test/testing/write-config-file.ts';
import { authModeOf } from './auth-mode.ts';
import { readConfig } from './load.ts';
import { configSchema } from './schema.ts';

const HASH = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);
const ID = '00000000-0000-0000-0000-00000000000a';
const ENTRA = { tenants: [ID], audiences: ['https://cognitiveservices.azure.com'] };
const a = { name: 'a', keys: [{ sha256: HASH }] };
const b = { name: 'b', keys: [{ sha256: OTHER }] };
const e = { name: 'e', entra: { applications: [ID] } };
const named = [
  { url: 'https://a', deployments: { 'gpt-4o': 'gpt-4o-eu' } },
  { url: 'https://b', deployment: 'spare' },
];

function problems(config: object, env: Record<string, string> = {}) {
  const text = JSON.stringify({ backends: [{ url: 'https://a' }], ...config });
  const path = writeConfigFile(text);
  const shown = problemsOf({ SPILLWAY_CONFIG: path, ...env });
  return shown.map(({ key, found, allowed }) => `${key.split(' ').at(-1)}: ${found}; ${allowed}`);
}

test.each([
  ['no clients', {}, 'open'],
  ['clients with keys', { clients: [a] }, 'keys'],
  ['clients with tokens', { clients: [e], auth: { entra: ENTRA } }, 'entra'],
  ['clients with either', { clients: [a, e], auth: { entra: ENTRA } }, 'both'],
  ['a mode that is said', { clients: [a], auth: { mode: 'both', entra: ENTRA } }, 'both'],
  ['an empty list of clients, confirmed', { clients: [], auth: { mode: 'open' } }, 'open'],
  ['no clients on every address, confirmed', { host: '0.0.0.0', auth: { allowOpen: true } }, 'open'],
  [
    'names that a backend takes whatever they are',
    { backends: [named[1]], clients: [{ ...a, deployments: ['gpt-4o'] }] },
    'keys',
  ],
  ['clients on every address', { host: '0.0.0.0', clients: [a] }, 'keys'],
  [
    'keys that have expired beside two that are valid',
    {
      clients: [
        {
          name: 'a',
          keys: [
            { sha256: HASH },
            { sha256: OTHER },
            { sha256: 'c'.repeat(64), expires: '2020-01-01T00:00:00+02:00' },
            { sha256: 'd'.repeat(64), disabled: true },
          ],
        },
      ],
    },
    'keys',
  ],
  [
    'budgets of deployments that a backend is configured with',
    {
      backends: named,
      clients: [{ ...a, budgets: [{ deployments: ['gpt-4o', 'gpt-4o-eu', 'spare'], rpm: 1 }] }],
    },
    'keys',
  ],
  [
    'budgets where no backend lists any deployment',
    { clients: [{ ...a, budgets: [{ deployments: ['gpt-4o'], tpm: 1 }] }] },
    'keys',
  ],
])('%s are let in as they can say who they are', (_, config, mode) => {
  expect(problems(config)).toEqual([]);
  expect(authModeOf(configSchema.parse({ backends: [{ url: 'https://a' }], ...config }))).toBe(mode);
});

test.each<[string, object, RegExp[]]>([
  [
    'an empty list, as of the last client that was removed',
    { clients: [] },
    [
      /^clients: an empty list, with which nobody would have to authenticate; at least one client, or auth\.mode: open/,
    ],
  ],
  ...['', '\n', '\r\n'].map((text): [string, object, RegExp[]] => [
    `the hash of ${JSON.stringify(text)}`,
    { clients: [{ name: 'a', keys: [{ sha256: createHash('sha256').update(text).digest('hex') }] }] },
    [/^clients\[0\]\.keys\[0\]\.sha256: the SHA-256 of a text that is empty.*; the SHA-256 of a key$/],
  ]),
  [
    'a name twice',
    { clients: [a, { ...b, name: 'a' }] },
    [/^clients\[1\]\.name: the same as .*clients\[0\]\.name; a different name/],
  ],
  [
    'a key twice',
    { clients: [a, { name: 'b', keys: [{ sha256: HASH.toUpperCase() }] }] },
    [/^clients\[1\]\.keys\[0\]\.sha256: the same as .*; each key once$/],
  ],
  [
    'an application twice',
    { auth: { entra: ENTRA }, clients: [e, { ...e, name: 'f' }] },
    [/applications\[0\]: the same as/],
  ],
  ['tokens without auth.entra', { clients: [e] }, [/^auth\.entra: nothing; tenants and audiences/]],
  [
    'a client that can say nothing',
    { clients: [a, { name: 'n' }] },
    [/^clients\[1\]: neither keys nor entra/],
  ],
  ['open with clients', { auth: { mode: 'open' }, clients: [a] }, [/^auth\.mode: "open" with clients/]],
  ['keys without clients', { auth: { mode: 'keys' } }, [/^clients: none with auth\.mode keys/]],
  [
    'tokens where keys are taken',
    { auth: { mode: 'keys', entra: ENTRA }, clients: [a, e] },
    [/^clients\[1\]\.entra: a map with auth\.mode keys/],
  ],
  [
    'keys where tokens are taken',
    { auth: { mode: 'entra', entra: ENTRA }, clients: [a, e] },
    [/^clients\[0\]\.keys: keys with auth\.mode entra/],
  ],
  [
    'nobody asked on every address',
    { host: '0.0.0.0' },
    [/^auth\.allowOpen: false with the host 0\.0\.0\.0/],
  ],
  ['nobody asked on every address of IPv6', { host: '::' }, [/^auth\.allowOpen: false/]],
  [
    'three valid keys',
    { clients: [{ name: 'a', keys: [HASH, OTHER, 'c'.repeat(64)].map((sha256) => ({ sha256 })) }] },
    [/^clients\[0\]\.keys: a list of 3; .*at most two/],
  ],
  [
    'a budget of nothing',
    { clients: [{ ...a, budgets: [{ deployments: ['x'] }] }] },
    [/budgets\[0\]: a map with none of these; .*at least one of tpm/],
  ],
  [
    'a budget of an unknown deployment',
    { backends: named, clients: [{ ...a, budgets: [{ deployments: ['gpt-4'], rpm: 1 }] }] },
    [
      /budgets\[0\]\.deployments\[0\]: "gpt-4" \(did you mean gpt-4o\?\); a deployment that a backend is configured with: gpt-4o, /,
    ],
  ],
  [
    'an unknown deployment',
    { backends: named, clients: [{ ...a, deployments: ['gtp-4o'] }] },
    [/^clients\[0\]\.deployments\[0\]: "gtp-4o" \(did you mean gpt-4o\?\)/],
  ],
  [
    'a budget of what the client may not use',
    { clients: [{ ...a, deployments: ['x'], budgets: [{ deployments: ['y'], rpm: 1 }] }] },
    [/"y"; one of the client’s own deployments: x$/],
  ],
  [
    'a key itself instead of its hash',
    { clients: [{ name: 'a', keys: [{ sha256: 'PLANTED' }] }] },
    [/^clients\[0\]\.keys\[0\]\.sha256: a text \(not shown\); the SHA-256 of a key/],
  ],
  [
    'a short key itself in a list',
    { clients: [{ name: 'a', keys: ['PLANTED'] }] },
    [/^clients\[0\]\.keys\[0\]: a text \(not shown\); a map/],
  ],
  [
    'a short key itself in place of the list',
    { clients: [{ name: 'a', keys: 'PLANTED' }] },
    [/^clients\[0\]\.keys: a text \(not shown\); a list of keys/],
  ],
  [
    'a number as a key',
    { clients: [{ name: 'a', keys: [1234] }] },
    [/^clients\[0\]\.keys\[0\]: a number \(not shown\); a map/],
  ],
  [
    'a date without an offset',
    { clients: [{ name: 'a', keys: [{ sha256: HASH, expires: '2027-01-01' }] }] },
    [/expires: .*; a date and time with its offset/],
  ],
  [
    'a tenant that is a name',
    { auth: { entra: { ...ENTRA, tenants: ['common'] } }, clients: [e] },
    [/tenants\[0\]: "common"; a GUID/],
  ],
  [
    'an authority with a password',
    { auth: { entra: { ...ENTRA, authority: 'http://u:p@login.example' } }, clients: [e] },
    [/^auth\.entra\.authority: /],
  ],
  [
    'an authority that is none',
    { auth: { entra: { ...ENTRA, authority: 'login' } }, clients: [e] },
    [/^auth\.entra\.authority: /],
  ],
])('%s is refused at start', (_, config, expected) => {
  const found = problems(config);
  expect(found).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
  expect(found.join()).not.toContain('PLANTED');
});

test('a variable confirms that nobody is asked', () => {
  expect(problems({}, { HOST: '0.0.0.0', SPILLWAY_ALLOW_OPEN: 'true' })).toEqual([]);
  expect(problems({}, { HOST: '0.0.0.0', SPILLWAY_ALLOW_OPEN: 'yes' })).toEqual([
    'SPILLWAY_ALLOW_OPEN: "yes"; true or false',
  ]);
});

test('one port is for clients and operators both on addresses that have nothing in common, or where nobody listens', () => {
  expect(problems({ port: 8090, admin: false })).toEqual([]);
  expect(problems({ port: 8090, host: '127.0.0.2' })).toEqual([]);
  expect(problems({ port: 8090, host: '0.0.0.0', clients: [a] })).toHaveLength(1);
});

test.each<[string, object, string[]]>([
  ['tags that a backend has', { clients: [{ ...a, allow: ['eu', 'ptu'] }] }, []],
  [
    'tags that no backend has',
    { clients: [a, { ...b, allow: ['us'] }] },
    [
      'clients[1].allow: tags that no backend has, so that each request gets a 403; tags of a backend: eu, ptu, ch',
    ],
  ],
  [
    'tags that no backend has together',
    { clients: [{ ...a, allow: ['eu', 'ch'] }] },
    [expect.stringContaining('no backend has together')],
  ],
  [
    'classes by keys beside clients',
    { clients: [a], priorityClasses: { clients: [{ key: 'k', class: 'batch' }] } },
    ['priorityClasses.clients: keys that have no effect, as there are `clients`; `class` of each client'],
  ],
  [
    'classes by keys where nobody is asked who they are',
    { priorityClasses: { clients: [{ key: 'k', class: 'batch' }] } },
    [],
  ],
])('%s are warned of where they do nothing', (_, config, warnings) => {
  const backends = [
    { url: 'https://a', tags: ['eu', 'ptu'] },
    { url: 'https://b', tags: ['ch'] },
  ];
  const path = writeConfigFile(JSON.stringify({ backends, ...config }));
  const told = readConfig({ SPILLWAY_CONFIG: path }).warnings;
  expect(told.map(({ key, found, allowed }) => `${key.split(' ').at(-1)}: ${found}; ${allowed}`)).toEqual(
    warnings,
  );
});
