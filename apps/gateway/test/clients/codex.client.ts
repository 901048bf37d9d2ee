import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startAgentScene } from '../sdks/agent-scene.ts';
import { installIn } from './scratch.ts';

const codex = '@openai/codex@0.171.0';

/** Codex's settings for the gateway: it stores nothing but sealed reasoning, and sends no telemetry. */
const settings = (url: string) => `
model = "gpt-5"
model_provider = "gateway"
check_for_update_on_startup = false
[analytics]
enabled = false
[model_providers.gateway]
name = "gateway"
base_url = "${url}/openai/v1"
env_key = "GATEWAY_KEY"
wire_api = "responses"
stream_max_retries = 0
request_max_retries = 2
`;

test('Codex runs its commands while the first backend throttles, fails and recovers', async ({ skip }) => {
  const folder = installIn('codex', 'codex', [['npm', 'install', '--no-audit', '--no-fund', codex]]);
  const binary = join(folder, 'node_modules/.bin/codex');
  if (spawnSync(binary, ['--version']).status !== 0) skip('the binary of Codex is not for this machine');
  const scene = await startAgentScene();
  const home = join(folder, 'home');
  const work = join(folder, 'work');
  rmSync(home, { recursive: true, force: true });
  for (const path of [home, work]) mkdirSync(path, { recursive: true });
  writeFileSync(join(home, 'config.toml'), settings(scene.url));

  const exec = async (...given: readonly string[]) => {
    const env = { ...process.env, CODEX_HOME: home, GATEWAY_KEY: 'any' };
    const running = promisify(execFile)(binary, ['exec', '--skip-git-repo-check', ...given], {
      cwd: work,
      env,
    });
    running.child.stdin?.end();
    const { stdout, stderr } = await running;
    expect(stderr).toMatch(/echo hi' in [^\n]*\n succeeded/);
    return stdout.trim();
  };
  const ask = 'exec_command({"cmd":"echo hi"})';
  const answers: string[] = [];
  for (const script of ['throttle(retry-after-ms=1)', 'status(500)', 'ok']) {
    scene.mocks[0]?.setScript(script);
    answers.push(await exec(ask));
  }
  expect(answers).toEqual(['Hello from b.', 'Hello from b.', 'Hello from a.']);

  // It continues with sealed reasoning.
  scene.mocks[0]?.setScript('throttle(retry-after-ms=1)');
  await exec(ask);
  scene.mocks[0]?.setScript('ok');
  expect(await exec('resume', '--last', ask)).toBe('Hello from b.');
});
