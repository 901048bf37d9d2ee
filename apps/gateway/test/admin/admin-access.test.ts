import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { askAdmin, writeAdmin, writing } from '../testing/ask-admin.ts';
import { connectRaw } from '../testing/raw-client.ts';
import { startScene } from '../testing/start-scene.ts';

const TOKEN = 'a-token-of-operators';
const drain = '/admin/backends/a/drain';

/** The headers that a browser sends when a page has another in a frame. */
const FRAME = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };

type Scene = Awaited<ReturnType<typeof startScene>>;

/** Opens the stream of events over a connection of its own. */
async function watch({ adminUrl }: Scene, authorization = '') {
  const watching = await connectRaw({ url: adminUrl });
  watching.send(`GET /admin/events HTTP/1.1\r\nHost: localhost\r\n${authorization}\r\n`);
  await watching.until('event: snapshot');
  return watching;
}

/** Opens all the connections that the listener allows, but for one. */
function holdRest({ adminUrl }: Scene) {
  return Promise.all(Array.from({ length: 255 }, () => connectRaw({ url: adminUrl })));
}

/** Returns whether anything was drained. */
async function isDrained(scene: Scene): Promise<boolean> {
  return scene.gateway.snapshots().some(({ availability }) => availability === 'draining');
}

test.each([
  ['a name that leads here', { host: 'evil.example' }],
  ['a name that leads here, with the port', { host: 'evil.example:8090' }],
  ['a name that looks like an address', { host: '127.0.0.1.evil.example' }],
  ['a name that looks like localhost', { host: 'localhost.evil.example' }],
  ['a name with credentials before it', { host: 'localhost@evil.example' }],
  ['a page of another origin', { origin: 'https://evil.example' }],
  ['a page of another port', { origin: 'http://127.0.0.1:1' }],
  [
    'a page of the usual port, where it was another one',
    { host: '127.0.0.1:8090', origin: 'http://127.0.0.1' },
  ],
  ['a page without an origin', { origin: 'null' }],
  ['an image of another page', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
  ['an image of a page on another port', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }],
  ['a frame of another page', { ...FRAME, 'sec-fetch-dest': 'iframe' }],
  ['a frame in a frameset of another page', { ...FRAME, 'sec-fetch-dest': 'frame' }],
  ['something embedded in another page', { ...FRAME, 'sec-fetch-dest': 'embed' }],
  ['an object in another page', { ...FRAME, 'sec-fetch-dest': 'object' }],
])('whoever comes by %s can neither read nor change anything', async (_, headers) => {
  const scene = await startScene([{}]);
  expect((await askAdmin(scene, '/admin/state', { headers })).status).toBe(403);
  const write = { method: 'POST', headers: { ...writing, ...headers }, body: '{}' };
  expect((await askAdmin(scene, drain, write)).status).toBe(403);
  expect(await isDrained(scene)).toBe(false);
});

test.each([
  ['an address', { host: '10.1.2.3:8090' }],
  ['an IPv6 address', { host: '[::1]:8090' }],
  ['localhost', { host: 'localhost:8090' }],
  ['its own page', { host: 'localhost:8090', origin: 'http://localhost:8090' }],
  ['a link', { ...FRAME, 'sec-fetch-dest': 'document' }],
  ['a link in a browser that does not say where to', FRAME],
  ['an image of its own page', { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'no-cors' }],
  ['the address line', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }],
  ['a name that is allowed', { host: 'ops.example.com' }],
  ['a name that is allowed, in capitals', { host: 'OPS.example.com:443' }],
  [
    'a page of a name that is allowed, behind a proxy',
    { host: '127.0.0.1', origin: 'https://ops.example.com' },
  ],
  [
    'its own page, behind a proxy that names the usual port of HTTPS',
    { host: '10.0.0.5:443', origin: 'https://10.0.0.5' },
  ],
])('whoever comes by %s is served', async (_, headers) => {
  const scene = await startScene([{}], { admin: { port: 0, allowedHosts: ['ops.Example.com'] } });
  expect((await askAdmin(scene, '/admin/state', { headers })).status).toBe(200);
});

test.each([
  ['a form', { 'content-type': 'application/x-www-form-urlencoded', ...pick('x-spillway-admin') }, 415],
  ['a form that says it is a text', { 'content-type': 'text/plain', ...pick('x-spillway-admin') }, 415],
  ['what a form may send, JSON or not', pick('content-type'), 403],
  ['nothing', {}, 403],
])('%s changes nothing', async (_, headers, status) => {
  const scene = await startScene([{}]);
  expect((await askAdmin(scene, drain, { method: 'POST', headers, body: '{}' })).status).toBe(status);
  expect((await askAdmin(scene, drain, { method: 'GET', headers })).status).toBe(405);
  expect(await isDrained(scene)).toBe(false);
});

function pick(name: keyof typeof writing): Record<string, string> {
  return { [name]: writing[name] };
}

test.each([
  ['no token', {}],
  ['a wrong token', { authorization: 'Bearer wrong' }],
  ['the beginning of the token', { authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
  ['the token as another credential', { authorization: `Basic ${TOKEN}` }],
  ['a made-up cookie', { cookie: 'PLACE=9999999999999.abc' }],
  ['an empty cookie', { cookie: 'PLACE=' }],
])('%s is 401 without a hint, everywhere', async (_, sent) => {
  const scene = await startScene([{}], { admin: { port: 0, token: TOKEN } });
  const begun = await writeAdmin(scene, '/admin/session', { token: TOKEN });
  const [name = ''] = String(begun.headers['set-cookie']).split('=');
  const headers = 'cookie' in sent ? { cookie: sent.cookie.replace('PLACE', name) } : sent;
  const seen = new Set<string>();
  for (const path of ['/admin/state', '/admin/events', '/admin/openapi.json', '/admin/nowhere', '/nowhere']) {
    const { status, text } = await askAdmin(scene, path, { headers });
    expect(status).toBe(401);
    seen.add(text);
  }
  for (const path of [drain, '/admin/backends/nobody/drain']) {
    const write = { method: 'POST', headers: { ...writing, ...headers }, body: '{}' };
    const { status, text } = await askAdmin(scene, path, write);
    expect(status).toBe(401);
    seen.add(text);
  }
  expect([...seen]).toEqual(['{"error":{"code":"Unauthorized","message":"A valid token is needed."}}\n']);
  expect(await isDrained(scene)).toBe(false);
});

test('the token is good as a bearer token, and for a cookie that no script can read and that ends', async () => {
  const scene = await startScene([{}], { admin: { port: 0, token: TOKEN } });
  const authorization = `bearer ${TOKEN}`;
  expect((await askAdmin(scene, '/admin/state', { headers: { authorization } })).status).toBe(200);
  const wrong = await writeAdmin(scene, '/admin/session', { token: 'wrong' });
  expect([wrong.status, wrong.headers['set-cookie']]).toEqual([401, undefined]);
  const begun = await writeAdmin(scene, '/admin/session', { token: TOKEN });
  expect([begun.status, begun.headers['content-length']]).toEqual([204, undefined]);
  const [set = ''] = begun.headers['set-cookie'] as string[];
  expect(set).toMatch(/^spillway_admin_[\da-f]{8}=[\w.-]+; Max-Age=43200; HttpOnly; SameSite=Lax$/);
  expect(set).not.toContain(TOKEN);
  const [cookie = ''] = set.split(';');
  const withCookie = (value: string) => askAdmin(scene, '/admin/state', { headers: { cookie: value } });
  expect((await withCookie(`other=1; ${cookie}`)).status).toBe(200);
  expect((await withCookie(cookie.replace(/=\d/, '=9'))).status).toBe(401);
  const end = { method: 'DELETE', headers: { ...writing, cookie }, body: '{}' };
  const ended = await askAdmin(scene, '/admin/session', end);
  expect(ended.headers['set-cookie']).toEqual([
    expect.stringMatching(/^spillway_admin_[\da-f]{8}=; Max-Age=0/),
  ]);
  const stranger = await writeAdmin(scene, '/admin/session', {}, 'DELETE');
  expect([stranger.status, stranger.headers['set-cookie']]).toEqual([204, undefined]);
});

test('a session is good at another replica with the same token, and not with another token', async () => {
  const [scene, replica, other] = await Promise.all(
    [TOKEN, TOKEN, `${TOKEN}-new`].map((token) => startScene([{}], { admin: { port: 0, token } })),
  );
  const begun = await writeAdmin(scene!, '/admin/session', { token: TOKEN });
  const [cookie = ''] = String(begun.headers['set-cookie']).split(';');
  expect((await askAdmin(replica!, '/admin/state', { headers: { cookie } })).status).toBe(200);
  const named = await writeAdmin(other!, '/admin/session', { token: `${TOKEN}-new` });
  const [otherName = ''] = String(named.headers['set-cookie']).split('=');
  const others = `${otherName}=${cookie.split('=')[1]}`;
  expect((await askAdmin(other!, '/admin/state', { headers: { cookie: others } })).status).toBe(401);
});

test.each(['https', 'HTTPS', 'https, http'])(
  'behind a proxy that was reached by TLS (%s) the cookie is for TLS only',
  async (protocol) => {
    const scene = await startScene([{}], { admin: { port: 0, token: TOKEN } });
    const headers = { ...writing, 'x-forwarded-proto': protocol };
    const body = JSON.stringify({ token: TOKEN });
    const begun = await askAdmin(scene, '/admin/session', { method: 'POST', headers, body });
    expect(String(begun.headers['set-cookie'])).toMatch(/; Secure$/);
  },
);

test('whatever a proxy adds beside it, a session is good, and nobody has sent a wrong token', async () => {
  const scene = await startScene([{}], { admin: { port: 0, token: TOKEN } });
  const begun = await writeAdmin(scene, '/admin/session', { token: TOKEN });
  const [cookie = ''] = String(begun.headers['set-cookie']).split(';');
  const [name = ''] = cookie.split('=');
  for (const headers of [
    { cookie, authorization: 'Bearer token-of-the-proxy' },
    { cookie, authorization: 'Basic dXNlcjpwYXNz' },
    // Of another path, which browsers send first if it is the longer one.
    { cookie: `${name}=1.stale; ${cookie}` },
    { cookie: `${cookie}; ${name}=1.stale` },
  ])
    expect((await askAdmin(scene, '/admin/state', { headers })).status).toBe(200);
  const headers = { cookie: `${name}=1.stale`, authorization: `Bearer ${TOKEN}` };
  const { status, text } = await askAdmin(scene, '/metrics', { headers });
  expect(status).toBe(200);
  expect(text).toContain('spillway_admin_authentication_failures_total 0\n');
});

test('of all the cookies of the name in one request only the first few are looked at', async () => {
  const scene = await startScene([{}], { admin: { port: 0, token: TOKEN } });
  const begun = await writeAdmin(scene, '/admin/session', { token: TOKEN });
  const [cookie = ''] = String(begun.headers['set-cookie']).split(';');
  const stale = `${cookie.split('=')[0]}=1.stale`;
  const statusBehind = async (others: number) => {
    const headers = { cookie: [...Array.from({ length: others }, () => stale), cookie].join('; ') };
    return (await askAdmin(scene, '/admin/state', { headers })).status;
  };
  expect([await statusBehind(3), await statusBehind(4)]).toEqual([200, 401]);
});

test.each([
  ['no JSON', '{"token"', 400],
  ['something else', '{"token":1}', 400],
  ['something more', `{"token":"${TOKEN}","x":1}`, 400],
  ['a list', '[]', 400],
  ['very much', JSON.stringify({ token: 'x'.repeat(5000) }), 413],
])('a body that is %s is refused, and not repeated', async (_, body, status) => {
  const scene = await startScene([{}], { admin: { port: 0, token: TOKEN } });
  const answer = await askAdmin(scene, '/admin/session', { method: 'POST', headers: writing, body });
  expect(answer.status).toBe(status);
  expect(answer.text).not.toMatch(/xxx|a-token/);
});

test('whoever breaks off a body is no failure of the gateway, and its log repeats nothing of it', async () => {
  const scene = await startScene([{}], { admin: { port: 0, token: TOKEN } });
  const client = await connectRaw({ url: scene.adminUrl });
  const fields = { host: 'localhost', 'content-length': '99', ...writing };
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  client.socket.end(`POST /admin/session HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n{"token":"guessed`);
  await client.closed;
  await scene.gateway.stop();
  expect(scene.log.lines.map(({ msg }) => msg)).toEqual(['listening', 'stopping', 'stopped']);
  expect(scene.log.text).not.toContain('guessed');
});

test('what there is not is 404, and another method 405 that says which there are', async () => {
  const scene = await startScene([{}]);
  expect((await askAdmin(scene, '/admin/nowhere')).status).toBe(404);
  expect((await askAdmin(scene, '/admin/state/')).status).toBe(404);
  expect(
    (await askAdmin(scene, '/admin/backends/%ff/drain', { method: 'POST', headers: writing })).status,
  ).toBe(400);
  const answer = await writeAdmin(scene, '/admin/state', {}, 'PUT');
  expect([answer.status, answer.headers['allow']]).toEqual([405, 'GET']);
  for (const path of ['/admin/backends/a/drain', '/admin/backends/a/deployments/gpt-4o/drain']) {
    const asked = await askAdmin(scene, path);
    expect([asked.status, asked.headers['allow']]).toEqual([405, 'POST']);
  }
  expect((await askAdmin(scene, '/admin/backends//drain')).status).toBe(404);
  const document = await writeAdmin(scene, '/admin/openapi.json');
  expect([document.status, document.headers['allow']]).toEqual([405, 'GET']);
});

test('the port of clients tells operators nothing', async () => {
  const scene = await startScene([{}]);
  for (const path of ['/admin/state', '/admin/backends', '/admin/config', '/metrics', '/admin/openapi.json'])
    expect((await fetch(scene.url + path)).status).toBe(404);
});

test('without a listener for operators there is none, and requests are served', async () => {
  const scene = await startScene([{}], { admin: false });
  expect(scene.gateway.adminUrl).toBeUndefined();
  expect((await fetch(`${scene.url}/readyz`)).status).toBe(200);
});

test('of the requests that a peer sends all at once only the first few are served', async () => {
  const scene = await startScene([{}]);
  const client = await connectRaw({ url: scene.adminUrl });
  client.send('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(500));
  const answers = await client.untilEnd();
  expect(answers.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(20);
});

test('a peer that says nothing, or half a request, does not keep the gateway from stopping', async () => {
  const scene = await startScene([{}]);
  const { port } = new URL(scene.adminUrl);
  for (const bytes of ['', 'GET /admin/state HTTP/1.1\r\nHost: a']) {
    const socket = connect(Number(port), '127.0.0.1').on('error', () => {});
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.write(bytes);
  }
  await scene.gateway.stop();
  expect(scene.log.lines.at(-1)).toMatchObject({ msg: 'stopped' });
});

test('two gateways on one host have cookies of their own, so that a browser keeps both', async () => {
  const tokens = [TOKEN, `${TOKEN}-other`];
  const scenes = await Promise.all(tokens.map((token) => startScene([{}], { admin: { port: 0, token } })));
  const jar = new Map<string, string>();
  for (const [place, scene] of scenes.entries()) {
    const begun = await writeAdmin(scene, '/admin/session', { token: tokens[place] });
    const [name = '', value = ''] = String(begun.headers['set-cookie']).split(/[=;]/);
    jar.set(name, value);
  }
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  for (const scene of scenes)
    expect((await askAdmin(scene, '/admin/state', { headers: { cookie } })).status).toBe(200);
  const [first = ''] = cookie.split('; ');
  expect((await askAdmin(scenes[1]!, '/admin/state', { headers: { cookie: first } })).status).toBe(401);
});

test('wrong tokens are counted, and the log is told of the first at once and of the others together', async () => {
  const scene = await startScene([{}], { admin: { port: 0, token: TOKEN } });
  const ask = (headers: Record<string, string>) => askAdmin(scene, '/metrics', { headers });
  for (let count = 0; count < 20; count++) await ask({ authorization: `Bearer guessed-${count}` });
  await writeAdmin(scene, '/admin/session', { token: 'guessed' });
  // A client without a cookie, or with an expired one, is not guessing.
  for (const headers of [{}, { cookie: 'spillway_admin_1=1.x' }])
    expect((await ask(headers)).status).toBe(401);
  const { text } = await ask({ authorization: `Bearer ${TOKEN}` });
  expect(text).toContain('spillway_admin_authentication_failures_total 21\n');
  await scene.gateway.stop();
  const told = scene.log.lines.filter(({ msg }) => String(msg).startsWith('wrong tokens'));
  expect(told.map(({ count }) => count)).toEqual([1, 20]);
  expect(scene.log.text).not.toContain('guessed');
});

test(
  'whoever holds all connections and asks for nothing locks no operator out',
  { timeout: 30_000 },
  async () => {
    const scene = await startScene([{}]);
    const watching = await watch(scene);
    const held = await holdRest(scene);
    held[0]?.send('GET /admin/state HTTP/1.1\r\nHost: loc');
    held[200]?.send('GET /admin/state HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await Promise.all(held.slice(0, 100).map((one) => one.untilEnd()));
    expect((await askAdmin(scene, '/admin/state')).status).toBe(200);
    expect(watching.hasEnded).toBe(false);
  },
);

test(
  'whoever holds all connections by answers that are never read locks no operator out, and a stream goes on',
  { timeout: 60_000 },
  async () => {
    const scene = await startScene([{}], { admin: { port: 0, token: TOKEN } });
    const headers = { authorization: `Bearer ${TOKEN}` };
    const watching = await watch(scene, `Authorization: ${headers.authorization}\r\n`);
    const page = await (await fetch(scene.adminUrl)).text();
    const [script = ''] = /assets\/[^"]+\.js/.exec(page) ?? [];
    const held = await holdRest(scene);
    for (const one of held) {
      one.socket.pause();
      // Without a token, and far more than the system keeps for a reader.
      one.send(`GET /${script} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(20));
    }
    await expect
      .poll(
        () =>
          askAdmin(scene, '/admin/state', { headers }).then(
            ({ status }) => status,
            () => 0,
          ),
        {
          timeout: 30_000,
          interval: 500,
        },
      )
      .toBe(200);
    expect(watching.hasEnded).toBe(false);
  },
);

test(
  'whoever holds all connections by bodies that have no end locks no operator out, and a stream goes on',
  { timeout: 60_000 },
  async () => {
    const scene = await startScene([{}], { admin: { port: 0, token: TOKEN } });
    const headers = { authorization: `Bearer ${TOKEN}` };
    const watching = await watch(scene, `Authorization: ${headers.authorization}\r\n`);
    const held = await holdRest(scene);
    const head =
      'POST /admin/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nX-Spillway-Admin: 1\r\n';
    for (const [index, one] of held.entries())
      one.send(
        index % 2
          ? `${head}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`
          : `${head}Content-Length: 100\r\n\r\n{`,
      );
    await Promise.all(held.map((one) => one.untilEnd()));
    expect((await askAdmin(scene, '/admin/state', { headers })).status).toBe(200);
    expect(watching.hasEnded).toBe(false);
  },
);
