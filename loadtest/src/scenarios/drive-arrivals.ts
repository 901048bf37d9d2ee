import { setTimeout as sleep } from 'node:timers/promises';
import { percentile, type Random, seededRandom } from '@spillway/simulation';
import { Pool } from 'undici';
import type { ClientAnswer, ClientView } from './scenario-result.ts';
import type { Arrivals } from './scenario.ts';

const meanAnswerTokens = 150;
const answerLimitMs = 120_000;
const mostOpen = 1_024;

/** Sends chat completions for `durationMs`, regardless of the earlier ones, and waits for all answers. */
export async function driveArrivals(
  url: string,
  { perSecond, deployments }: Arrivals,
  durationMs: number,
  onProgress: (answered: number) => void,
): Promise<ClientView> {
  const limits = { headersTimeout: answerLimitMs, bodyTimeout: answerLimitMs };
  const pool = new Pool(url, { connections: mostOpen, ...limits });
  const random = seededRandom(1);
  const startedMs = performance.now();
  const answers: ClientAnswer[] = [];
  const counts = { errors: 0 };
  const send = async (number: number) => {
    const deployment = deployments[number % deployments.length] ?? '';
    // As many chats as there are deployments are streams, and then as many are not.
    const isStream = Math.floor(number / deployments.length) % 2 === 1;
    const answer = await ask(pool, deployment, isStream, drawTokens(random), startedMs);
    if (answer === undefined) counts.errors += 1;
    else answers.push(answer);
  };
  const ticker = setInterval(() => onProgress(answers.length), 500);
  const sent: Promise<void>[] = [];
  const count = (perSecond * durationMs) / 1000;
  const moments = Array.from({ length: count }, () => random() * durationMs).sort(
    (one, other) => one - other,
  );
  for (const [number, atMs] of moments.entries()) {
    const waitMs = startedMs + atMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    sent.push(send(number));
  }
  await Promise.all(sent);
  clearInterval(ticker);
  await pool.destroy();
  const latenciesMs = answers.map(({ latencyMs }) => latencyMs);
  return {
    answers,
    errors: counts.errors,
    latencyP50Ms: percentile(latenciesMs, 0.5),
    latencyP99Ms: percentile(latenciesMs, 0.99),
  };
}

/** Most answers are short, and some are very long. */
function drawTokens(random: Random): number {
  return 1 + Math.floor(-Math.log(1 - random()) * meanAnswerTokens);
}

async function ask(
  pool: Pool,
  deployment: string,
  isStream: boolean,
  maxTokens: number,
  startedMs: number,
): Promise<ClientAnswer | undefined> {
  const sentMs = performance.now();
  const messages = [{ role: 'user', content: 'How often should I water a basil plant on a sunny balcony?' }];
  try {
    const { statusCode, headers, body } = await pool.request({
      method: 'POST',
      path: `/openai/deployments/${deployment}/chat/completions?api-version=2024-10-21`,
      headers: { 'content-type': 'application/json', 'api-key': 'client-key' },
      body: JSON.stringify({ messages, max_tokens: maxTokens, stream: isStream }),
    });
    await body.dump({ limit: Number.MAX_SAFE_INTEGER });
    const nowMs = performance.now();
    return {
      atMs: nowMs - startedMs,
      status: statusCode,
      latencyMs: nowMs - sentMs,
      backend: headers['x-spillway-backend']?.toString(),
      retryAfterSeconds: undefined,
      retryAfterMs: undefined,
    };
  } catch {
    return undefined;
  }
}
