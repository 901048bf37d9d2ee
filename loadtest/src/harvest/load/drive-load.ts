import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import type { PlannedRequest } from './plan-load.ts';
import { readUsage, type PromptUsage } from './read-usage.ts';
import { chatPath, renderBody } from './render-body.ts';

/** The result of one request; all moments are milliseconds since 1970. */
export interface ClientAnswer {
  readonly request: PlannedRequest;
  /** How much later than planned it was sent. */
  readonly lateMs: number;
  readonly sentAtMs: number;
  /** When the status arrived. */
  readonly answeredAtMs: number;
  /** When the whole answer had arrived. */
  readonly endedAtMs: number;
  /** Undefined if there was no answer, or only half of one. */
  readonly status: number | undefined;
  readonly usage: PromptUsage | undefined;
}

/** The header with a request's number, which backends see too. */
export const numberHeader = 'x-ms-client-request-id';

// Far more than an answering gateway ever has open; requests beyond it count as unanswered.
const mostOpen = 1_024;
const answerLimitMs = 30_000;

/** Sends every planned request at its time, regardless of the others, and waits for all answers. */
export async function driveLoad(
  url: string,
  plan: readonly PlannedRequest[],
  onProgress: (sent: number) => void,
): Promise<ClientAnswer[]> {
  const pool = new Pool(url, {
    connections: mostOpen,
    headersTimeout: answerLimitMs,
    bodyTimeout: answerLimitMs,
    allowH2: false,
  });
  const startedAtMs = clockMs();
  const answers: Promise<ClientAnswer>[] = [];
  let open = 0;
  try {
    for (const request of plan) {
      const waitMs = startedAtMs + request.atMs - clockMs();
      if (waitMs > 0) await sleep(waitMs);
      const lateMs = clockMs() - startedAtMs - request.atMs;
      if (open >= mostOpen) {
        answers.push(Promise.resolve(unanswered(request, lateMs, clockMs())));
        continue;
      }
      open += 1;
      answers.push(send(pool, request, lateMs).finally(() => (open -= 1)));
      onProgress(answers.length);
    }
    return await Promise.all(answers);
  } finally {
    await pool.destroy();
  }
}

/** The clock of all moments, which is the mocks' clock too. */
export function clockMs(): number {
  return performance.timeOrigin + performance.now();
}

async function send(pool: Pool, request: PlannedRequest, lateMs: number): Promise<ClientAnswer> {
  const body = renderBody(request);
  const sentAtMs = clockMs();
  try {
    const { statusCode: status, body: answer } = await pool.request({
      method: 'POST',
      path: chatPath,
      headers: {
        'content-type': 'application/json',
        'api-key': 'client-key',
        [numberHeader]: String(request.number),
      },
      body,
    });
    const answeredAtMs = clockMs();
    const text = await answer.text();
    const endedAtMs = clockMs();
    const usage = status === 200 ? readUsage(text) : undefined;
    return { request, lateMs, sentAtMs, answeredAtMs, endedAtMs, status, usage };
  } catch {
    return unanswered(request, lateMs, sentAtMs);
  }
}

function unanswered(request: PlannedRequest, lateMs: number, sentAtMs: number): ClientAnswer {
  const nowMs = clockMs();
  return {
    request,
    lateMs,
    sentAtMs,
    answeredAtMs: nowMs,
    endedAtMs: nowMs,
    status: undefined,
    usage: undefined,
  };
}
