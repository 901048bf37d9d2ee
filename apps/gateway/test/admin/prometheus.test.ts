import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { askAdmin } from '../testing/ask-admin.ts';
import { chatBody, chatPath, post, streamBody } from '../testing/post.ts';
import { runH2load } from '../testing/run-h2load.ts';
import { isThere, startPrometheus } from '../testing/start-prometheus.ts';
import { type Scene, startScene } from '../testing/start-scene.ts';

/** So that it ends even where Prometheus never collects. */
const MAX_REQUESTS_EACH = 5000;

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

/** Sends chats and streams, eight at a time, until it is told to end; returns the number of answers by status. */
async function sendUntil(scene: Scene, over: AbortSignal): Promise<Record<number, number>> {
  const answers: Record<number, number> = {};
  const work = async () => {
    for (let count = 0; !over.aborted && count < MAX_REQUESTS_EACH; count++) {
      const { status, body } = await post(scene, chatPath, count % 2 === 0 ? chatBody : streamBody);
      await body?.pipeTo(new WritableStream());
      answers[status] = (answers[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return answers;
}

test('a real Prometheus collects under load, what it adds up is what clients got, and an h2load of junk adds no series', async ({
  skip,
}) => {
  if (!isThere('prometheus')) skip('prometheus is not on this machine: apt-get install prometheus');
  if (!isThere('h2load')) skip('h2load is not on this machine: apt-get install nghttp2-client');
  const script = `${'2x ok, 1x throttle(retry-after-ms=100), '.repeat(300)} always ok`;
  const deployments = ['gpt-4o'];
  const scene = await startScene(
    [
      { script, deployments },
      { script, deployments },
    ],
    {
      cooldown: { floorMs: 1 },
    },
  );
  // No collection may fail, and a busy machine may need more than a second for one.
  const prometheus = await startPrometheus(scene, undefined, [], 3);
  const query = async (text: string) => (await prometheus.query(text)).map(({ value }) => value);
  const over = new AbortController();
  const traffic = sendUntil(scene, over.signal);
  await expect.poll(() => query('count_over_time(up{job="spillway"}[1m]) >= 4')).toHaveLength(1);
  over.abort();
  const answers = await traffic;
  expect(Object.keys(answers)).toEqual(['200', '429']);
  const counted = (status: string) => query(`sum(spillway_requests_total{status="${status}"})`);
  await expect.poll(() => counted('2xx')).toEqual([answers[200]]);
  await expect.poll(() => counted('429')).toEqual([answers[429]]);

  const seriesCount = () => query('count({job="spillway",__name__=~"spillway_.*"})');
  const before = await seriesCount();
  const names = Array.from({ length: 250 }, (_, number) => `model-${number}%22%7D%0Aspillway_x%201`);
  const paths = names.flatMap((name) => [
    `/${name}`,
    `/openai/v1/${name}`,
    chatPath.replace('gpt-4o', name),
    `/openai/deployments/${name}`,
  ]);
  const junk = await runH2load(
    paths.map((path) => scene.url + path),
    chatBody,
  );
  expect(junk).toBe(4 * paths.length);
  const all = answers[200]! + answers[429]! + junk;
  await expect.poll(() => query('sum(spillway_requests_total)')).toEqual([all]);
  expect(await seriesCount()).toEqual(before);
  expect(await query('min_over_time(up{job="spillway"}[1m])')).toEqual([1]);
});
