import { freePort } from '../../testing/free-port.ts';
import { chats, posts } from '../clients.ts';
import type { FailureRow, RowClient, RowScene } from '../failure-row.ts';

const gone = async () => ({ url: `http://127.0.0.1:${await freePort()}` });
const fromA = '200 chat.completion, from a, 1 attempt';
const afterA = '200 chat.completion, from b, 2 attempts';
const fromB = '200 chat.completion, from b, 1 attempt';

const OUT_OF_QUOTA = '{"message":"Out of call volume quota."}';

/** Requests while backends fail together, one after another, and recover. */
export const pool: readonly FailureRow[] = [
  {
    title: 'a and b are throttled, for 30 s and 20 s',
    backends: ['throttle(30)', 'throttle(20)'],
    sees: '429 error 429, 2 attempts, retry-after: 20',
    cooldowns: 'gpt-4o at a, throttled, 30 s; gpt-4o at b, throttled, 20 s',
    logged: '429 complete (throttled), a throttled (429), b throttled (429)',
  },
  {
    title: 'a and b answer 403, as a quota of API Management is spent, with `Retry-After` of 30 s and 20 s',
    backends: [outOfQuota(30), outOfQuota(20)],
    sees: '429 error 429, 2 attempts, retry-after: 20',
    cooldowns: 'gpt-4o at a, throttled, 30 s; gpt-4o at b, throttled, 20 s',
    logged: '429 complete (throttled), a throttled (403), b throttled (403)',
  },
  {
    title: 'a and b are throttled for longer than SDKs would wait',
    backends: ['throttle(86400)', 'throttle(86400)'],
    sees: '429 error 429, 2 attempts, retry-after: 59',
    cooldowns: 'gpt-4o at a, throttled, 60 s; gpt-4o at b, throttled, 60 s',
    logged: '429 complete (throttled), a throttled (429), b throttled (429)',
  },
  {
    title: 'a and b are throttled, and the client asks again before either has recovered',
    backends: ['throttle(30)', 'throttle(20)'],
    client: chats(2),
    sees: ['429 error 429, 2 attempts, retry-after: 20', '429 error 429, 0 attempts, retry-after: 20'],
    cooldowns: 'gpt-4o at a, throttled, 30 s; gpt-4o at b, throttled, 20 s',
    logged: ['429 complete (throttled), a throttled (429), b throttled (429)', '429 complete (throttled)'],
  },
  {
    title: 'a is throttled for 30 s, b answers 500',
    backends: ['throttle(30)', 'status(500)'],
    sees: '429 error 429, 2 attempts, retry-after: 10',
    cooldowns: 'gpt-4o at a, throttled, 30 s; gpt-4o at b, cooling, 10 s',
    logged: '429 complete (throttled), a throttled (429), b unavailable (500)',
  },
  {
    title: 'a and b answer 500',
    backends: ['status(500)', 'status(500)'],
    sees: '503 error ServiceUnavailable, 2 attempts',
    cooldowns: 'gpt-4o at a, cooling, 10 s',
    logged: '503 complete (unavailable), a unavailable (500), b unavailable (500)',
  },
  {
    title: 'a and b refuse connections',
    backends: [gone, gone],
    sees: '503 error ServiceUnavailable, 2 attempts',
    cooldowns: 'a as a whole, cooling, 10 s; b as a whole, cooling, 10 s',
    logged: '503 complete (unavailable), a unreachable (refused), b unreachable (refused)',
  },
  {
    title: 'a and b do not have the deployment',
    backends: ['status(404, code=DeploymentNotFound)', 'status(404, code=DeploymentNotFound)'],
    sees: '404 error DeploymentNotFound, 2 attempts',
    cooldowns: 'gpt-4o at a, cooling, 10 s; gpt-4o at b, cooling, 10 s',
    logged: '404 complete (deployment-missing), a unavailable (404), b unavailable (404)',
  },
  {
    title: 'a and b answer 404 for a path',
    backends: ['status(404, code=404)', 'status(404, code=404)'],
    sees: '404 error 404, from b, 2 attempts',
    cooldowns: 'nobody',
    logged: '404 complete, a declined (404), b declined (404)',
  },
  {
    title: 'a and b answer 401, as their identities lack the role',
    backends: ['status(401, code=PermissionDenied)', 'status(401, code=PermissionDenied)'],
    sees: '401 error PermissionDenied, from b, 2 attempts',
    cooldowns: 'nobody',
    logged: '401 complete, a declined (401), b declined (401)',
  },
  {
    title: 'a and b answer 400 for a wrong key, which may be one within the request',
    backends: ['status(400, code=invalid_api_key)', 'status(400, code=invalid_api_key)'],
    sees: '400 error invalid_api_key, from b, 2 attempts',
    cooldowns: 'nobody',
    logged: '400 complete, a declined (400), b declined (400)',
  },
  {
    title: 'a and b refuse the resource’s key',
    backends: ['status(401)', 'status(401)'],
    sees: '503 error ServiceUnavailable, 2 attempts',
    cooldowns: 'a as a whole, cooling, 10 s; b as a whole, cooling, 10 s',
    logged: '503 complete (unavailable), a unavailable (401), b unavailable (401)',
  },
  {
    title: 'a does not have the deployment, b is throttled for 55 s',
    backends: ['status(404, code=DeploymentNotFound)', 'throttle(55)'],
    sees: '429 error 429, 2 attempts, retry-after: 55',
    cooldowns: 'gpt-4o at a, cooling, 10 s; gpt-4o at b, throttled, 55 s',
    logged: '429 complete (throttled), a unavailable (404), b throttled (429)',
  },
  {
    title: 'a does not have the deployment, b answers 500',
    backends: ['status(404, code=DeploymentNotFound)', 'status(500)'],
    sees: '503 error ServiceUnavailable, 2 attempts',
    cooldowns: 'gpt-4o at a, cooling, 10 s',
    logged: '503 complete (unavailable), a unavailable (404), b unavailable (500)',
  },
  {
    title: 'a, the only backend, fails once',
    backends: ['1x status(500)'],
    client: chats(2),
    sees: ['503 error ServiceUnavailable, 1 attempt', fromA],
    cooldowns: 'nobody',
    logged: ['503 complete (unavailable), a unavailable (500)', '200 complete, a succeeded (200)'],
  },
  {
    title: 'a and b fail once, and the client asks again while both cool down',
    backends: ['1x status(500)', '1x reset'],
    client: chats(2),
    sees: ['503 error ServiceUnavailable, 2 attempts', fromA],
    cooldowns: 'b as a whole, cooling, 10 s',
    logged: [
      '503 complete (unavailable), a unavailable (500), b unreachable (reset)',
      '200 complete, a succeeded (200)',
    ],
  },
  {
    title: 'a is throttled, and the client asks three times',
    backends: ['throttle(30)', 'ok'],
    client: chats(3),
    sees: [afterA, fromB, fromB],
    cooldowns: 'gpt-4o at a, throttled, 30 s',
    logged: [
      '200 complete, a throttled (429), b succeeded (200)',
      '200 complete, b succeeded (200)',
      '200 complete, b succeeded (200)',
    ],
  },
  {
    title: 'a is throttled for one deployment, and the client then asks for another',
    backends: ['1x throttle(30)', 'ok'],
    client: both(
      chats(1),
      posts('/openai/deployments/other/chat/completions?api-version=1', { messages: [] }),
    ),
    sees: [afterA, fromA],
    cooldowns: 'gpt-4o at a, throttled, 30 s',
    logged: ['200 complete, a throttled (429), b succeeded (200)', '200 complete, a succeeded (200)'],
  },
  {
    title: 'a is throttled for 0.2 s, and the client asks again after that',
    backends: ['1x throttle(retry-after-ms=200)', 'ok'],
    config: { cooldown: { floorMs: 1 } },
    client: eachOnceAIsBack(2),
    sees: [afterA, fromA],
    cooldowns: 'nobody',
    logged: ['200 complete, a throttled (429), b succeeded (200)', '200 complete, a succeeded (200)'],
  },
  {
    title: 'a flaps: every other request finds it throttled for 0.1 s',
    backends: [[1, 2].map(() => '1x throttle(retry-after-ms=100), 1x ok').join(), 'ok'],
    config: { cooldown: { floorMs: 1 } },
    client: eachOnceAIsBack(4),
    sees: [afterA, fromA, afterA, fromA],
    cooldowns: 'nobody',
    logged: [
      '200 complete, a throttled (429), b succeeded (200)',
      '200 complete, a succeeded (200)',
      '200 complete, a throttled (429), b succeeded (200)',
      '200 complete, a succeeded (200)',
    ],
  },
  {
    title: 'a accepts no connection once, and the client asks again after its cooldown',
    backends: ['1x refuse', 'ok'],
    config: { cooldown: { defaultMs: 200, floorMs: 1 } },
    client: eachOnceAIsBack(2),
    sees: [afterA, fromA],
    cooldowns: 'nobody',
    logged: ['200 complete, a unreachable (reset), b succeeded (200)', '200 complete, a succeeded (200)'],
  },
];

function both(first: RowClient, second: RowClient): RowClient {
  return async (scene) => [...(await first(scene)), ...(await second(scene))];
}

/** A client that sends this many requests, and before each waits until `a` is available. */
function eachOnceAIsBack(times: number): RowClient {
  return async (scene) => {
    const seen = [];
    for (let time = 0; time < times; time++) {
      while (!(await isAvailable(scene)));
      seen.push(...(await chats(1)(scene)));
    }
    return seen;
  };
}

async function isAvailable({ adminUrl }: RowScene): Promise<boolean> {
  const page = await fetch(`${adminUrl}/admin/backends`);
  const { backends } = (await page.json()) as { backends: { availability: string }[] };
  return backends[0]?.availability === 'available';
}

function outOfQuota(seconds: number): string {
  return `status(403, header.retry-after=${seconds}, body=${JSON.stringify(OUT_OF_QUOTA)})`;
}
