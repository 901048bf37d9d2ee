import autocannon from 'autocannon';
import { percentile } from '@spillway/simulation';
import type { ClientAnswer, ClientView } from './scenario-result.ts';

/** Each sends its next request as soon as the last one is answered. */
const clientCount = 12;

const maxRequests = 250_000;

const body = JSON.stringify({
  messages: [{ role: 'user', content: 'How often should I water a basil plant on a sunny balcony?' }],
});

/** Sends chat completions to `url` for `durationMs`; `onProgress` receives the progress every half second. */
export async function driveClients(
  url: string,
  durationMs: number,
  onProgress: (answered: number) => void,
): Promise<ClientView> {
  const startedMs = performance.now();
  const answers: ClientAnswer[] = [];
  let arrived: Omit<ClientAnswer, 'latencyMs'> | undefined;
  const counts = { sent: 0, errors: 0 };
  const run = autocannon({
    url,
    connections: clientCount,
    duration: durationMs / 1000,
    maxOverallRequests: maxRequests,
    requests: [
      {
        method: 'POST',
        path: '/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21',
        headers: { 'content-type': 'application/json', 'api-key': 'client-key' },
        body,
        onResponse: (status, _body, _context, headers) => {
          arrived = toAnswer(performance.now() - startedMs, status, headers ?? {});
        },
      },
    ],
    setupClient: (client: NodeJS.EventEmitter) => {
      client.on('request', () => (counts.sent += 1));
      client.on('connError', () => (counts.errors += 1));
      client.on('timeout', () => (counts.errors += 1));
      // It comes right after `onResponse`, and alone says how long the answer took.
      client.on('response', (_status, _bytes, latencyMs: number) => {
        if (arrived !== undefined) answers.push({ ...arrived, latencyMs });
      });
    },
  });
  const ticker = setInterval(() => onProgress(answers.length), 500);
  await run;
  clearInterval(ticker);
  // A connection that ends without an answer is not an error to autocannon; at the end each client still waits for one.
  const latenciesMs = answers.map(({ latencyMs }) => latencyMs);
  const unanswered = Math.max(0, counts.sent - answers.length - clientCount);
  return {
    answers,
    errors: counts.errors + unanswered,
    latencyP50Ms: percentile(latenciesMs, 0.5),
    latencyP99Ms: percentile(latenciesMs, 0.99),
  };
}

function toAnswer(
  atMs: number,
  status: number,
  headers: NodeJS.Dict<string | string[]>,
): Omit<ClientAnswer, 'latencyMs'> {
  const lowerCased = new Map(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
  const number = (name: string): number | undefined => {
    const value = lowerCased.get(name);
    return value === undefined ? undefined : Number(value);
  };
  return {
    atMs,
    status,
    backend: lowerCased.get('x-spillway-backend'),
    retryAfterSeconds: number('retry-after'),
    retryAfterMs: number('retry-after-ms'),
  };
}
