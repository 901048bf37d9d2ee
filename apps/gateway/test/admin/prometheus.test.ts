import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { askAdmin } from '../testing/ask-admin.ts';
import { post } from '../testing/post.ts';
import { isThere, startPrometheus } from '../testing/start-prometheus.ts';
import { startScene } from '../testing/start-scene.ts';

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
  const prometheus = await startPrometheus(scene, token);
  const query = async (text: string) => (await prometheus.query(text)).map(({ value }) => value);
  await expect.poll(() => query('up{job="spillway"}').catch(String)).toEqual([1]);
  expect(await query('sum(spillway_requests_total{status="2xx"})')).toEqual([3]);
  expect(await query('sum(spillway_spills_total{cause="throttled"})')).toEqual([3]);
  expect(await query('histogram_quantile(0.99, spillway_overhead_seconds_bucket) > 0')).toHaveLength(1);
  expect(await query('spillway_backend_state{backend="a",state="throttled"}')).toEqual([1]);
});
