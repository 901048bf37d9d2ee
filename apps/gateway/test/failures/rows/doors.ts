import { chatBody } from '../../testing/post.ts';
import { posts } from '../clients.ts';
import type { FailureRow } from '../failure-row.ts';

const body = { ...chatBody, model: 'gpt-4o' };
const SPILLS = {
  backends: ['throttle(30)', 'ok'],
  sees: '200 chat.completion, from b, 2 attempts',
  cooldowns: 'gpt-4o at a, throttled, 30 s',
  logged: '200 complete, a throttled (429), b succeeded (200)',
} as const;
const ELSEWHERE = 'https://login.example.com/x';

/** Unusual ways into the API, and ways out of it. */
export const doors: readonly FailureRow[] = [
  {
    title: 'a is throttled, and the path begins with two slashes',
    ...SPILLS,
    client: posts('//openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21', chatBody),
  },
  {
    title: 'a is throttled, and the path has a slash too many',
    ...SPILLS,
    client: posts('/openai/v1//chat/completions/', body),
  },
  {
    title: 'a is throttled, and the path is in other letters',
    ...SPILLS,
    client: posts('/OpenAI/V1/Chat/Completions', body),
  },
  {
    title: 'a is throttled, and the path has the gateway’s own before it',
    ...SPILLS,
    config: { server: { basePath: '/openai-load-balancing' } },
    client: posts('/openai-load-balancing/openai/v1/chat/completions', body),
  },
  {
    title: 'the path has another before it',
    backends: ['ok', 'ok'],
    client: posts('/elsewhere/openai/v1/chat/completions', body),
    sees: '404 error 404',
    cooldowns: 'nobody',
    logged: '404 complete',
  },
  {
    title: 'a answers 307 to a path of its own',
    backends: ['1x redirect(/openai/v1/chat/completions), ok', 'ok'],
    client: posts('/openai/v1/chat/completions', body),
    sees: '200 chat.completion, from a, 1 attempt',
    cooldowns: 'nobody',
    logged: '200 complete, a succeeded (200)',
  },
  {
    title: 'a answers 302 to a page for people',
    backends: [`redirect(${ELSEWHERE}, status=302)`, 'ok'],
    client: posts('/openai/v1/chat/completions', body),
    sees: '200 chat.completion, from b, 2 attempts',
    cooldowns: 'gpt-4o at a, cooling, 10 s',
    logged: '200 complete, a unavailable (302), b succeeded (200)',
  },
  {
    title: 'a answers 302 to elsewhere, and the request may have made an object',
    backends: [`redirect(${ELSEWHERE}, status=302)`, 'ok'],
    deployment: '',
    client: posts('/openai/v1/batches', {}),
    sees: '302 no body, from a, 1 attempt',
    cooldowns: 'requests without a deployment at a, cooling, 10 s',
    logged: '302 complete, a unavailable (302)',
  },
  {
    title: 'a and b answer 307 to elsewhere',
    backends: [`redirect(${ELSEWHERE})`, `redirect(${ELSEWHERE})`],
    client: posts('/openai/v1/chat/completions', body),
    sees: '503 error ServiceUnavailable, 2 attempts',
    cooldowns: 'gpt-4o at a, cooling, 10 s',
    logged: '503 complete (unavailable), a unavailable (307), b unavailable (307)',
  },
  {
    title: 'a answers 500 when all models are asked for',
    backends: ['status(500)', 'ok'],
    deployment: '',
    client: posts('/openai/v1/models', undefined, { method: 'GET', body: null }),
    sees: '200 list, from b, 2 attempts, x-spillway-missing: a',
    cooldowns: 'requests without a deployment at a, cooling, 10 s',
    logged: '200 complete, a unavailable (500), b succeeded (200)',
  },
];
