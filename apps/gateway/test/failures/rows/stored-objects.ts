import { post } from '../../testing/post.ts';
import { read } from '../clients.ts';
import type { FailureRow, RowClient } from '../failure-row.ts';

const MADE = '200 response, from b, 2 attempts';
const MADE_LINE = '200 complete, a throttled (429), b succeeded (200)';

/** What becomes of requests that only one backend can serve, as it alone has what they are about. */
export const storedObjects: readonly FailureRow[] = [
  madeByB('and a has recovered', 'ok', '200 response, from b, 1 attempt', '200 complete, b succeeded (200)'),
  madeByB(
    'and b is throttled when it is asked for',
    '1x ok, throttle(20)',
    '429 error 429, 1 attempt, retry-after: 20',
    '429 complete (throttled), b throttled (429)',
    'requests without a deployment at b, throttled, 20 s',
  ),
  madeByB(
    'and b answers 500 when it is asked for',
    '1x ok, status(500)',
    '503 error ServiceUnavailable, 1 attempt',
    '503 complete (unavailable), b unavailable (500)',
    'requests without a deployment at b, cooling, 10 s',
  ),
  {
    title: 'the client asks for a response that no backend has',
    backends: ['ok', 'ok'],
    deployment: '',
    client: async (scene) => [await read(fetch(`${scene.url}/openai/v1/responses/resp_unknown`))],
    sees: '404 error 404, 2 attempts',
    rests: 'nobody',
    logged: '404 complete (not-found), a not-found (404), b not-found (404)',
  },
  {
    title: 'the client asks for a response that no backend has, and a is throttled',
    backends: ['throttle(30)', 'ok'],
    deployment: '',
    client: async (scene) => [await read(fetch(`${scene.url}/openai/v1/responses/resp_unknown`))],
    sees: '429 error 429, 2 attempts, retry-after: 30',
    rests: 'requests without a deployment at a, throttled, 30 s',
    logged: '429 complete (throttled), a throttled (429), b not-found (404)',
  },
];

/** Answers a row of a response that `b` has made, as `a` was throttled at first, and that is asked for afterwards. */
function madeByB(what: string, b: string, sees: string, logged: string, rests = 'nobody'): FailureRow {
  return {
    title: `b has made a response, ${what}`,
    backends: ['1x throttle(retry-after-ms=1)', b],
    config: { cooldown: { floorMs: 1 } },
    deployment: '',
    client: (scene) => makesAndAsks(scene),
    sees: [MADE, sees],
    rests,
    logged: [MADE_LINE, logged],
  };
}

const makesAndAsks: RowClient = async (scene) => {
  const made = await read(post(scene, '/openai/v1/responses', { model: 'gpt-4o', input: 'Hello' }));
  const { id } = JSON.parse(made.body) as { id: string };
  return [made, await read(fetch(`${scene.url}/openai/v1/responses/${id}`))];
};
