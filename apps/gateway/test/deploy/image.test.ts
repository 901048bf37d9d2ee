import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { firstCertificate } from '../testing/certificates.ts';
import { freePort } from '../testing/free-port.ts';
import { startScene } from '../testing/start-scene.ts';

const dockerfile = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8');

/** Runs the image's health check as Docker does, and returns its exit code. */
async function checkHealth(port: number): Promise<number> {
  const [, command = ''] = /^HEALTHCHECK [^]*?CMD (\[.*\])$/m.exec(dockerfile) ?? [];
  const [, ...args] = JSON.parse(command) as string[];
  const child = spawn(process.execPath, args, { env: { PORT: String(port) }, stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number];
  return code;
}

test.each([
  ['over HTTP', {}],
  ['over HTTPS alone', { server: { tls: firstCertificate } }],
])('a gateway that serves %s is healthy to the image’s check', async (_, config) => {
  const { url } = await startScene([{}], config);
  expect(await checkHealth(Number(new URL(url).port))).toBe(0);
});

test('what does not listen is not healthy to the image’s check', async () => {
  expect(await checkHealth(await freePort())).toBe(1);
});
