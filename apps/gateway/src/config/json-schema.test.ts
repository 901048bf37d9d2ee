import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { renderJsonSchema } from './json-schema.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const COMMENT = '# yaml-language-server: $schema=./spillway.schema.json';

/** All examples in the documents. */
const blocks = ['*.md', 'docs/*.md', 'apps/*/README.md', 'loadtest/README.md']
  .flatMap((pattern) => globSync(pattern, { cwd: root }))
  .flatMap((document) => {
    const found = readFileSync(`${root}/${document}`, 'utf8').matchAll(/^```ya?ml\n([^]*?)^```/gm);
    return [...found].map(([, text = '']) => ({ document, text }));
  });

/** Examples of a whole configuration. */
const examples = blocks.filter(
  ({ text }) => text.includes('yaml-language-server') || /^backends:/m.test(text),
);
/** Examples of a part of one; others are for Prometheus or Kubernetes. */
const parts = blocks.filter(
  ({ text }) => /^(?:clients|auth|fallbacks|state|budgets):/m.test(text) && !/^backends:/m.test(text),
);

const formats = { 'date-time': (text: string) => !Number.isNaN(Date.parse(text)) };
const validate = new Ajv2020({ allErrors: true, formats }).compile(JSON.parse(renderJsonSchema()) as object);
const problemsOf = (text: string) => {
  validate(parse(text));
  return (validate.errors ?? []).map(({ instancePath }) => instancePath);
};

test('the schema in docs/ is what the configuration is today', async () => {
  await expect(renderJsonSchema()).toMatchFileSnapshot('../../../../docs/spillway.schema.json');
});

test('the docs have examples of configurations to check', () => {
  expect(examples.length).toBeGreaterThan(4);
  expect(parts.length).toBeGreaterThan(4);
});

describe.each(examples)('$document: $text', ({ text }) => {
  test('an example names the schema, and keeps to it', () => {
    expect(text.split('\n')[0]).toBe(COMMENT);
    expect(problemsOf(text)).toEqual([]);
  });
});

test.each(parts)('a part of a configuration in $document keeps to the schema: $text', ({ text }) => {
  expect(problemsOf(`${text}backends: [{ url: https://a }]\n`)).toEqual([]);
});

test.each([
  ['portt: 1', ''],
  ['port: many', '/port'],
  ['port: 70000', '/port'],
  ['strategy: luck', '/strategy'],
  ['backends: {}', '/backends'],
  ['backends: [{ name: a }]', '/backends/0'],
  ['timeouts: { overallMs: 0 }', '/timeouts/overallMs'],
  ['logSuccesses: 2', '/logSuccesses'],
  ['allowBackendPin: "yes"', '/allowBackendPin'],
  ['backends: [{ url: https://a, apiKey: " <key> " }]', '/backends/0/apiKey'],
  ['backends: [{ url: https://a, apiKey: a key }]', '/backends/0/apiKey'],
  ['backends: [{ url: somewhere }]', '/backends/0/url'],
  ['server: { basePath: a b }', '/server/basePath'],
  ['cors: { allowedOrigins: [somewhere] }', '/cors/allowedOrigins/0'],
  ['auth: { entra: { tenants: [], audiences: [], authority: somewhere } }', '/auth/entra/authority'],
  ['clients: [{ name: a, entra: {} }]', '/clients/0/entra'],
  ['clients: [{ name: a, budgets: [{}] }]', '/clients/0/budgets/0'],
  ['fallbacks: [{ deployment: a }]', '/fallbacks/0'],
])('%s is against it', (text, place) => {
  expect(problemsOf(text)).toContain(place);
});

test.each([
  ['port: ${PORT}'],
  ['strategy: ${STRATEGY}'],
  ['auth: { allowOpen: "${ALLOW_OPEN}" }'],
  ['backends: [{ url: " https://a ", apiKey: " key " }]'],
  ['admin: { token: " 0123456789abcdef ", allowedHosts: [" ops.example.com "] }'],
  [`clients: [{ name: a, keys: [{ sha256: " ${'0f'.repeat(32)} " }] }]`],
  ['admin: false'],
  [`clients: [{ name: a, keys: [{ sha256: ${'0F'.repeat(32)} }] }]`],
  ['clients: [{ name: a, entra: { applications: [0A000000-0000-0000-0000-00000000000F] } }]'],
  ['clients: [{ name: a, entra: { roles: [chat] }, budgets: [{ tpm: 1 }] }]'],
  ['server: { basePath: openai-lb/ }'],
  ['cors: { allowedOrigins: ["*", "https://app.example.com/", "chrome-extension://a"] }'],
  ['backends: [{ url: "HTTPS://A.openai.azure.com/openai/v1" }]'],
  ['hedge: { afterMs: auto }'],
  ['backends: [{ url: "${URL}", apiKey: "${KEY}", deployments: { gpt-4o: own } }]'],
])('%s is not', (text) => {
  expect(problemsOf(text)).toEqual([]);
});
