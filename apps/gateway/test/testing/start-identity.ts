import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { onTestFinished, vi } from 'vitest';

/** Answers where no test has begun. */
const gone: RequestListener = (_, response) => void response.writeHead(503).end();
let answer = gone;
let address: Promise<string> | undefined;

/**
 * Plays the managed identity endpoint of an App Service until the test ends. All tests of a process share its address,
 * as the library remembers the first one for the life of the process.
 */
export async function startIdentity(handler: RequestListener): Promise<void> {
  answer = handler;
  address ??= listen();
  vi.stubEnv('IDENTITY_ENDPOINT', `${await address}/msi/token`);
  vi.stubEnv('IDENTITY_HEADER', 'identity-secret');
  vi.stubEnv('AZURE_TOKEN_CREDENTIALS', 'ManagedIdentityCredential');
  onTestFinished(() => {
    answer = gone;
    vi.unstubAllEnvs();
  });
}

async function listen(): Promise<string> {
  const server = createServer((request, response) => answer(request, response));
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
