import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { askAdmin } from '../testing/ask-admin.ts';
import { freePort } from '../testing/free-port.ts';
import { post } from '../testing/post.ts';
import { startScene } from '../testing/start-scene.ts';

const isThere = (program: string) => spawnSync(program, ['--version']).status === 0;

async function startTraffic() {
  const token = 'a-token-of-operators';
  const scene = await startScene([{ script: '1x throttle(retry-after=30)' }, {}], {
    admin: { port: 0, token },
  });
  for (let count = 0; count < 3; count++) await (await post(scene)).text();
  await scene.log.request(3);
  return { scene, token };
}

test('promtool, of Debian’s prometheus, has nothing to say about the metrics', async ({ skip }) => {
  if (!isThere('promtool')) skip('promtool is not on this machine: apt-get install prometheus');
  const { scene, token } = await startTraffic();
  const { text } = await askAdmin(scene, '/metrics', { headers: { authorization: `Bearer ${token}` } });
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  expect({ status, output: stdout + stderr }).toEqual({ status: 0, output: '' });
});

test('a real Prometheus collects the metrics with the token, in the format that it prefers', async ({
  skip,
}) => {
  if (!isThere('prometheus')) skip('prometheus is not on this machine: apt-get install prometheus');
  const { scene, token } = await startTraffic();
  const url = await startPrometheus(new URL(scene.adminUrl).host, token);
  const query = async (text: string) => {
    const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(text)}`);
    const { data } = (await response.json()) as { data?: { result: { value: [number, string] }[] } };
    return data?.result.map(({ value }) => Number(value[1]));
  };
  await expect.poll(() => query('up{job="spillway"}').catch(String)).toEqual([1]);
  expect(await query('sum(spillway_requests_total{status="2xx"})')).toEqual([3]);
  expect(await query('sum(spillway_spills_total{cause="throttled"})')).toEqual([3]);
  expect(await query('histogram_quantile(0.99, spillway_overhead_seconds_bucket) > 0')).toHaveLength(1);
  expect(await query('spillway_backend_state{backend="a",state="throttled"}')).toEqual([1]);
});

/** Starts a Prometheus that collects from one address each second. Returns where it listens. */
async function startPrometheus(target: string, token: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
  const port = await freePort();
  const file = join(folder, 'prometheus.yml');
  const job = {
    job_name: 'spillway',
    authorization: { credentials: token },
    static_configs: [{ targets: [target] }],
  };
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ global: { scrape_interval: '1s' }, scrape_configs: [job] }));
  const options = [
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const child = spawn('prometheus', options, { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  return `http://127.0.0.1:${port}`;
}
