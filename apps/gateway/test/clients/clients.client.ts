import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { askThroughTrouble, question, spilled, startAgentScene } from '../sdks/agent-scene.ts';
import { firstCertificate } from '../testing/certificates.ts';
import { clients } from './clients.ts';
import { startProgram } from './line-program.ts';
import { hasTool, installIn } from './scratch.ts';
import type { TestContext } from 'vitest';
import type { Client } from './clients.ts';

/** Makes a client trust the gateway's certificate, in all ways that the clients know; returns its environment. */
function trust(folder: string, url: string, { tools }: Client): Record<string, string> {
  const file = join(folder, 'gateway.pem');
  writeFileSync(file, firstCertificate.cert);
  if (tools.includes('keytool')) {
    const store = join(folder, 'trust.p12');
    rmSync(store, { force: true });
    const into = ['-keystore', store, '-storepass', 'changeit', '-file', file];
    spawnSync('keytool', ['-importcert', '-noprompt', '-alias', 'gateway', ...into]);
  }
  return { GATEWAY: url.replace('127.0.0.1', 'localhost'), SSL_CERT_FILE: file };
}

function folderOf({ install, language }: Client): string {
  const what = install.flat().find((word) => word.includes('==')) ?? language;
  return installIn(what.replace(/\W/g, '-'), language, install);
}

/** Installs a client where its tools are available, and starts it; otherwise skips the test. */
async function start(client: Client, { skip }: TestContext) {
  const missing = client.tools.filter((tool) => !hasTool(tool));
  if (missing.length > 0) skip(`${missing.join(' and ')} is not on this machine`);
  const folder = folderOf(client);
  const scene = await startAgentScene(client.isTls === true ? { server: { tls: firstCertificate } } : {});
  return { scene, ask: startProgram(folder, client.run, trust(folder, scene.url, client)) };
}

test.for(clients.filter(({ isSealed }) => isSealed !== true))(
  '$name runs its tools while the first backend throttles, fails and recovers',
  async (client, context) => {
    const { scene, ask } = await start(client, context);
    expect(await askThroughTrouble(scene, () => ask(question))).toEqual(spilled(2));
  },
);

test.for(clients.filter(({ isSealed }) => isSealed === true))(
  '$name goes on with the backend that sealed its reasoning when the first has recovered',
  async (client, context) => {
    const { scene, ask } = await start(client, context);
    scene.mocks[0]?.setScript('throttle(retry-after-ms=1)');
    const first = await ask(question);
    scene.mocks[0]?.setScript('ok');
    expect([first, await ask(question)]).toEqual(['Hello from b.', 'Hello from b.']);
  },
);
