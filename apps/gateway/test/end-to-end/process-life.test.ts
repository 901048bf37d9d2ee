import { connect } from 'node:net';
import { startMock } from '@spillway/mock-openai';
import { expect, onTestFinished, test } from 'vitest';
import { openSession } from '../testing/open-session.ts';
import { post, streamBody } from '../testing/post.ts';
import { connectRaw, rawRequest } from '../testing/raw-client.ts';
import { type GatewayProcess, spawnGateway } from '../testing/spawn-gateway.ts';
import { startSessionBackend } from '../testing/start-session-backend.ts';
import { writeConfigFile } from '../testing/write-config-file.ts';

/** Starts a mock and the built gateway in front of it. */
async function startProcess({
  script = '',
  timeouts = '',
  env = {},
  descriptors,
}: {
  script?: string;
  timeouts?: string;
  env?: Record<string, string>;
  descriptors?: number;
} = {}) {
  const mock = await startMock({ apiKey: 'key-a', script });
  onTestFinished(() => mock.stop());
  const file = writeConfigFile(
    `backends: [{ url: '${mock.url}', apiKey: key-a }]\ntimeouts: { ${timeouts} }\n`,
  );
  const gateway = spawnGateway({ SPILLWAY_CONFIG: file, PORT: '0', ...env }, descriptors);
  return { mock, gateway, url: await gateway.url, adminUrl: await gateway.adminUrl };
}

const processOf = async (adminUrl: string) => {
  const page = await fetch(`${adminUrl}/admin/backends`);
  return ((await page.json()) as { process: { droppedLogLines: number; escapedErrors: number } }).process;
};

const statusOf = async (url: string, path: string) => (await fetch(url + path)).status;

test('SIGTERM is answered by /readyz at once, and everything is still served with `Connection: close`', async () => {
  const { gateway, url } = await startProcess({ timeouts: 'lameDuckMs: 4000' });
  const kept = await connectRaw({ url });
  gateway.child.kill('SIGTERM');
  await gateway.log.line('stopping');
  expect(await statusOf(url, '/readyz')).toBe(503);
  expect(await statusOf(url, '/readyz?scope=process')).toBe(503);
  const response = await post({ url });
  expect(response.status).toBe(200);
  expect(response.headers.get('connection')).toBe('close');
  kept.send(rawRequest('GET', '/healthz'));
  expect(await kept.untilEnd()).toMatch(/^HTTP\/1\.1 200 OK\r\n(?:.*\r\n)*connection: close\r\n/i);
  expect(await gateway.ended).toEqual({ code: 0, stderr: '' });
});

test('SIGTERM cuts sessions off after `shutdownMs`, each with its log line', async () => {
  const backend = await startSessionBackend();
  const file = writeConfigFile(
    `backends: [{ url: '${backend.url}', apiKey: key }]\ntimeouts: { lameDuckMs: 0, shutdownMs: 100 }\n`,
  );
  const gateway = spawnGateway({ SPILLWAY_CONFIG: file, PORT: '0' });
  const url = await gateway.url;
  await Promise.all(Array.from({ length: 20 }, () => openSession({ url })));
  gateway.child.kill('SIGTERM');
  expect(await gateway.ended).toEqual({ code: 0, stderr: '' });
  expect(gateway.log.requests).toHaveLength(20);
  expect(new Set(gateway.log.requests.map(({ ending }) => ending))).toEqual(new Set(['interrupted']));
  expect(gateway.log.lines.at(-1)).toMatchObject({ msg: 'stopped' });
});

test('SIGTERM is not held up by a client that has sent half a head', async () => {
  const { gateway, url } = await startProcess({ timeouts: 'lameDuckMs: 0, shutdownMs: 600000' });
  const client = await connectRaw({ url });
  client.send('GET /heal');
  expect(await statusOf(url, '/healthz')).toBe(200);
  gateway.child.kill('SIGTERM');
  expect(await gateway.ended).toEqual({ code: 0, stderr: '' });
});

test.each<[NodeJS.Signals, NodeJS.Signals]>([
  ['SIGTERM', 'SIGTERM'],
  ['SIGTERM', 'SIGINT'],
  ['SIGINT', 'SIGTERM'],
])('%s and then %s ends the process at once', async (first, second) => {
  const { mock, gateway, url } = await startProcess({ script: 'hang', timeouts: 'lameDuckMs: 600000' });
  post({ url }).catch(() => {});
  await mock.nextRequest();
  gateway.child.kill(first);
  await gateway.log.line('stopping');
  gateway.child.kill(second);
  expect((await gateway.ended).code).toBe(1);
});

test('SIGTERM ends the process though nobody reads its log any more', async () => {
  const { gateway, url } = await startProcess({ timeouts: 'lameDuckMs: 0', env: { LOG_LEVEL: 'info' } });
  gateway.child.stdout!.pause();
  const client = await connectRaw({ url });
  // Their lines are far more than a pipe holds.
  client.send(
    `${rawRequest('GET', '/nowhere').repeat(3000)}${rawRequest('GET', '/x', ['Connection: close'])}`,
  );
  await client.untilEnd();
  gateway.child.kill('SIGTERM');
  const [code] = await new Promise<[number | null]>((resolve) =>
    gateway.child.once('exit', (exitCode) => resolve([exitCode])),
  );
  expect(code).toBe(0);
  gateway.child.stdout!.resume();
});

test('a closed stdout ends nothing, and what was not written is counted', async () => {
  const { gateway, url, adminUrl } = await startProcess({ timeouts: 'lameDuckMs: 0' });
  gateway.child.stdout!.destroy();
  expect((await post({ url })).status).toBe(200);
  await expect
    .poll(async () => {
      await post({ url });
      return (await processOf(adminUrl)).droppedLogLines;
    })
    .toBeGreaterThan(0);
  gateway.child.kill('SIGTERM');
  await new Promise((resolve) => gateway.child.once('exit', resolve));
  expect(gateway.child.exitCode).toBe(0);
});

/** Throws this many errors when the gateway's health is requested. */
const planted = (count: number) => {
  const code = `import { subscribe } from 'node:diagnostics_channel';
    let isDone = false;
    subscribe('http.server.request.start', () => {
      if (isDone) return;
      isDone = true;
      for (let i = 0; i < ${count}; i++) {
        if (i % 2) Promise.reject(new Error('planted'));
        else setImmediate(() => { throw new Error('planted'); });
      }
    });`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` };
};

const escapedOf = (gateway: GatewayProcess) =>
  gateway.log.lines.filter(({ msg }) => msg === 'an error escaped');

test('an error that nobody has caught is logged with its stack and shown to operators, and the process serves on', async () => {
  const { gateway, url, adminUrl } = await startProcess({ timeouts: 'lameDuckMs: 0', env: planted(9) });
  await statusOf(url, '/healthz');
  await gateway.log.line('an error escaped', 9);
  expect((await post({ url })).status).toBe(200);
  expect(await processOf(adminUrl)).toMatchObject({ escapedErrors: 9 });
  expect(escapedOf(gateway)[0]).toMatchObject({
    level: 50,
    err: { stack: expect.stringContaining('planted') },
  });
  gateway.child.kill('SIGTERM');
  expect((await gateway.ended).code).toBe(0);
});

test('an error that nobody has caught ten times in a minute is too much: it drains and exits with 1', async () => {
  const { mock, gateway, url } = await startProcess({
    script: 'slow(chunk-delay=20ms, chunks=10)',
    timeouts: 'lameDuckMs: 0',
    env: planted(10),
  });
  const running = post({ url }, undefined, streamBody);
  await mock.nextRequest();
  expect(await (await running).text()).toMatch(/\[DONE\]\n\n$/);
  expect((await gateway.ended).code).toBe(1);
  expect(gateway.log.lines.at(-1)).toMatchObject({ msg: 'stopped' });
});

/** Opens connections that send half a request. Returns how to close them. */
const occupy = (url: string) => {
  const greedy = Array.from({ length: 80 }, () =>
    connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {}),
  );
  for (const socket of greedy) socket.write('G');
  return () => greedy.forEach((socket) => socket.destroy());
};

/** Uses up all descriptors. */
const starve = async () => {
  const { gateway, url } = await startProcess({ descriptors: 50 });
  const kept = await connectRaw({ url });
  kept.send('G');
  const feed = occupy(url);
  const said = await gateway.log.line('the process can open no more connections');
  return { gateway, url, kept, said, feed };
};

/**
 * On a busy machine the connection may be a second old before its request, and is then closed as well, to make room.
 */
const askStarved = async () => {
  for (;;) {
    const { kept, ...scene } = await starve();
    kept.send('ET /openai/v1/models HTTP/1.1\r\nConnection: close\r\n\r\n');
    const answer = await kept.untilEnd();
    if (answer !== '') return { ...scene, answer };
    scene.feed();
  }
};

const recovers = (url: string) =>
  expect
    .poll(() =>
      post({ url }).then(
        ({ status }) => status,
        () => 0,
      ),
    )
    .toBe(200);

test('without descriptors left, nobody cools down, the log says EMFILE, and it comes back', async () => {
  const { gateway, url, said, feed } = await starve();
  expect(said).toMatchObject({ level: 50, code: 'EMFILE' });
  expect(gateway.log.lines.filter(({ msg }) => msg === 'an error escaped')).toEqual([]);
  const adminUrl = await gateway.adminUrl;
  const page = () => fetch(`${adminUrl}/admin/backends`).then((response) => response.text());
  await expect.poll(() => page().catch(() => '')).toContain('"availability":"available"');
  feed();
  await recovers(url);
});

test('without descriptors left, the configuration, which cannot be read at this moment, is not called wrong', async () => {
  const { gateway, url, feed } = await starve();
  const feeds = [feed];
  // It is said once a second, and the file is looked at as often.
  const said = () => {
    feeds.push(occupy(url));
    return gateway.log.lines.filter(({ msg }) => msg === 'the process can open no more connections').length;
  };
  await expect.poll(said, { interval: 200 }).toBeGreaterThan(4);
  for (const free of feeds) free();
  expect(gateway.log.text).not.toContain('the configuration is wrong');
});

test('without descriptors left, a request that can be sent nowhere gets 503 with `Retry-After`, and no backend is blamed', async () => {
  const { gateway, url, answer, feed } = await askStarved();
  expect(answer).toMatch(/^HTTP\/1\.1 503 [^]*\r\nretry-after: 1\r\n[^]*"code":"overloaded"/);
  expect(await gateway.log.request()).toMatchObject({
    cause: 'overloaded',
    attempts: [{ outcome: 'unreachable', failure: 'no-descriptors' }],
  });
  feed();
  await recovers(url);
});
