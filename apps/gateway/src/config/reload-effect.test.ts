import { expect, test } from 'vitest';
import { RELOAD_EFFECTS, restartKeys, withoutRestart } from './reload-effect.ts';
import { type ConfigInput, configSchema } from './schema.ts';

const backends = [{ url: 'https://a.openai.azure.com', apiKey: 'key' }];
const configOf = (input: Partial<ConfigInput> = {}) => configSchema.parse({ backends, ...input });

test('every key of the schema is said to take effect at once or to need a restart', () => {
  expect(Object.keys(RELOAD_EFFECTS).sort()).toEqual(Object.keys(configSchema.shape).sort());
});

test.each<[string, Partial<ConfigInput>]>([
  ['host', { host: '0.0.0.0' }],
  ['port', { port: 1 }],
  ['server.tls', { server: { tls: { cert: 'c', key: 'k' } } }],
  ['admin', { admin: false }],
  ['timeouts.requestHeadersMs', { timeouts: { requestHeadersMs: 7 } }],
  ['timeouts.requestMs', { timeouts: { requestMs: 7 } }],
  ['timeouts.clientStallMs', { timeouts: { clientStallMs: 7 } }],
  ['timeouts.keepAliveMs', { timeouts: { keepAliveMs: 7 } }],
  ['limits.connections', { limits: { connections: 7 } }],
  ['limits.inFlight', { limits: { inFlight: 7 } }],
  ['limits.keptBytes', { limits: { keptBytes: 7 } }],
  ['limits.memoryBytes', { limits: { memoryBytes: 7 } }],
  ['limits.headerBytes', { limits: { headerBytes: 2048 } }],
])('%s keeps its value until a restart, whichever way it changes', (key, input) => {
  expect(restartKeys()).toContain(key);
  const [plain, changed] = [configOf(), configOf(input)];
  for (const [started, wanted] of [[plain, changed] as const, [changed, plain] as const]) {
    const { config, needsRestart } = withoutRestart(started, wanted);
    expect(needsRestart).toEqual([key]);
    expect(config.limits).toEqual(started.limits);
    expect(config.timeouts).toEqual(started.timeouts);
    expect({ ...config, server: config.server?.tls }).toEqual({ ...started, server: started.server?.tls });
  }
});

test('what changes beside such a key takes effect', () => {
  const started = configOf({ server: { tls: { cert: 'c', key: 'k' } } });
  const wanted = configOf({
    server: { basePath: '/x' },
    strategy: 'round-robin',
    limits: { inFlight: 7, bodyBytes: 9 },
  });
  const { config, needsRestart } = withoutRestart(started, wanted);
  expect(needsRestart).toEqual(['server.tls', 'limits.inFlight']);
  expect(config).toMatchObject({
    server: { basePath: '/x', tls: { cert: 'c' } },
    strategy: 'round-robin',
    limits: { inFlight: 5000, bodyBytes: 9 },
  });
});
