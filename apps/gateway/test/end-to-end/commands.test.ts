import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { version } from '../../src/version.ts';
import { writeConfigFile } from '../testing/write-config-file.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** Runs the built command to its end. */
async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return end(start(args, 'ignore', env));
}

function start(
  args: readonly string[],
  stdin: 'ignore' | 'pipe',
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  return spawn(process.execPath, [MAIN, ...args], { env, stdio: [stdin, 'pipe', 'pipe'] });
}

/** Resolves when a command has ended, with its output. */
async function end(child: ChildProcess) {
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

const right = 'backends:\n  - { name: east, url: https://east.openai.azure.com, apiKey: secret-of-east }\n';

test.each([['--version'], ['-v']])('%s says the version', async (option) => {
  expect(await run([option])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test.each([['--help'], ['-h'], ['help']])('%s lists the commands', async (option) => {
  const { code, stdout } = await run([option]);
  expect(code).toBe(0);
  for (const name of ['serve', 'check-config', 'simulate', '--version']) expect(stdout).toContain(name);
});

test('a command says more of itself', async () => {
  const { code, stdout } = await run(['check-config', '--help']);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^Usage: spillway check-config \[FILE\]/),
  });
});

test.each([
  [['chek-config'], 'There is no command "chek-config". Did you mean check-config?'],
  [['--verison'], 'There is no option "--verison". Did you mean --version?'],
  [['toString'], 'There is no command "toString".'],
  [['serve', 'now'], 'spillway serve takes no arguments, but there is "now".'],
  [['check-config', 'a', 'b'], 'One file at a time'],
  [['check-config', '--fast'], "Unknown option '--fast'"],
  [['check-config', ''], 'The name of the file is empty.'],
  [['simulate'], '--log is missing'],
])('%j is refused with 2, and starts nothing', async (args, message) => {
  const { code, stdout, stderr } = await run(args, { BACKEND_1_URL: 'http://127.0.0.1:1', PORT: '0' });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
});

test('check-config sums a right file up, without its secrets, whatever the environment says', async () => {
  const file = writeConfigFile(right);
  const { code, stdout, stderr } = await run(['check-config', file], { BACKEND_1_URL: 'x', PORT: 'y' });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^ok: 1 backend, most-headroom, on 127\.0\.0\.1:8080\n {2}east: .*by a key\n$/);
  expect(stdout).not.toContain('secret');
});

test('check-config says of a key in a file that it is one', async () => {
  const key = writeConfigFile('key-1', 'key');
  const file = writeConfigFile(`backends: [{ url: 'https://a.openai.azure.com', apiKeyFile: '${key}' }]`);
  const { stdout } = await run(['check-config', file]);
  expect(stdout).toMatch(/ a\.openai\.azure\.com, by a key\n$/);
});

test('check-config counts clients, and tells what is probably a mistake', async () => {
  const client = `{ name: chat, keys: [{ sha256: ${'a'.repeat(64)} }], allow: [eu] }`;
  const file = writeConfigFile(`${right}clients: [${client}]\n`);
  const { code, stdout } = await run(['check-config', file]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ok: 1 backend, 1 client, most-headroom, on /);
  expect(stdout).toMatch(
    /\n {2}probably a mistake: .*:3 clients\[0\]\.allow: found tags that no backend has/,
  );
});

test('check-config says every problem of a wrong file, each with its line', async () => {
  const file = writeConfigFile(`${right}port: 70000\nstrategy: luck\n`);
  const { code, stdout, stderr } = await run(['check-config', file]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/:3 port: found 70000;[^]*:4 strategy: found "luck";/);
  expect(stderr).not.toContain('secret');
});

test('check-config needs no variable that a file names, and says what it could not check', async () => {
  const file = writeConfigFile(`${right}admin: { token: '\${TOKEN}' }\nport: \${PORT}\n# host: \${HOST}\n`);
  const { code, stdout } = await run(['check-config', file]);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringMatching(
      /^ok, except for[^]*:4 port\n {2}variables that are not set here: TOKEN, PORT\n$/,
    ),
  });
  const withPort = await run(['check-config', file], { PORT: '80' });
  expect(withPort.stdout).toMatch(/^ok: .*:80\n.*\n {2}variables that are not set here: TOKEN\n$/);
  expect((await run(['check-config', file], { PORT: 'x' })).code).toBe(1);
});

test('check-config needs no file of a key or a certificate that a file names, and says which were not here', async () => {
  const backend = 'apiKeyFile: /run/secrets/none, tls: { ca: /etc/none.pem }';
  const file = writeConfigFile(`backends:\n  - { name: east, url: https://east, ${backend} }\n`);
  const { code, stdout } = await run(['check-config', file]);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^ok, except for[^]*:2 backends\[0\]\.apiKeyFile: "\/run\/secrets\/none" \(ENOENT\)\n/m,
  );
  expect(stdout).toMatch(/:2 backends\[0\]\.tls\.ca: "\/etc\/none\.pem" \(ENOENT\)\n/);
  // Where the gateway would start, the files are needed.
  expect(await run(['check-config'], { SPILLWAY_CONFIG: file })).toMatchObject({ code: 1, stdout: '' });
});

test('check-config shows no key that stands where the name of its file should, and takes it for no file', async () => {
  const file = writeConfigFile(
    'backends: [{ url: https://east, apiKeyFile: 0123456789abcdef0123456789abcdef }]\n',
  );
  const { code, stdout, stderr } = await run(['check-config', file]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('(not shown)');
});

test.each([['-'], ['/dev/stdin'], ['/dev/fd/0']])('check-config reads %s from a pipe', async (file) => {
  const checked = async (text: string) => {
    const child = start(['check-config', file], 'pipe');
    child.stdin?.end(text);
    return end(child);
  };
  expect(await checked(right)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ok: 1 backend/) });
  expect(await checked(`${right}strategy: luck\n`)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('/dev/'),
  });
});

test('check-config reads no more than 8 MB of what has no end', async () => {
  const { code, stdout, stderr } = await run(['check-config', '/dev/zero']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('FILE: found "/dev/zero" (more than 8 MB)');
});

test.each([[['keys', 'create']], [['check-config', '-']], [['--help']]])(
  '%j whose reader has left says so in a line, and that it has failed',
  async (args) => {
    // The program begins only when nobody can read its output any more.
    const whenTold = ['-c', 'read -r line; exec "$0" "$@"', process.execPath, MAIN, ...args];
    const child = spawn('sh', whenTold, { env: {}, stdio: 'pipe' });
    child.stdout.destroy();
    await once(child.stdout, 'close');
    child.stdin.end(`begin\n${right}`);
    expect(await end(child)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'The output could not be written (EPIPE).\n',
    });
  },
);

test('check-config without a file checks what the gateway would start with', async () => {
  expect((await run(['check-config'], { BACKEND_1_URL: 'http://127.0.0.1:1' })).stdout).toMatch(
    /^ok: 1 backend/,
  );
  expect(await run(['check-config'], { BACKEND_1_URL: 'nowhere' })).toMatchObject({ code: 1 });
  expect(await run(['check-config', '/nowhere'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('FILE: found "/nowhere" (ENOENT); allowed: a file that can be read'),
  });
});
