import type { ServerResponse } from 'node:http';
import type { LedgerAnswer } from './answer-ledger.ts';

/** The parts of a request that backends look at. */
export interface AskedBody {
  readonly user: string;
  readonly isLong?: boolean;
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
}

const EVENTS = 4;
const EVENT_EVERY_MS = 3;

/** Sent at the end of each stream that is open until then. */
const longEnds = new WeakMap<ServerResponse, () => void>();

/** Ends a stream that stays open until then. */
export function endStream(response: ServerResponse): void {
  longEnds.get(response)?.();
}

/** Answers a request as its API does, or with the beginning of that answer. */
export async function answerWell(
  path: string,
  body: AskedBody,
  answer: LedgerAnswer,
  response: ServerResponse,
  isCut: boolean,
): Promise<void> {
  if (body.stream === true) return streamChat(body, answer, response, isCut);
  const text = JSON.stringify(completionOf(path, answer));
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  if (isCut) return void response.write(text.slice(0, text.length / 2), () => response.destroy());
  answer.isTold = true;
  response.end(text);
}

async function streamChat(
  { isLong, stream_options: options }: AskedBody,
  answer: LedgerAnswer,
  response: ServerResponse,
  isCut: boolean,
): Promise<void> {
  const isAsked = options?.include_usage === true;
  const send = (more: object) =>
    response.write(
      `data: ${JSON.stringify({ id: answer.id, object: 'chat.completion.chunk', ...more, ...(isAsked && !('usage' in more) && { usage: null }) })}\n\n`,
    );
  const end = () => {
    if (isAsked) {
      answer.isTold = true;
      send({ choices: [], usage: usageOf(answer) });
    }
    response.end('data: [DONE]\n\n');
  };
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (let event = 0; event < EVENTS && !response.destroyed; event++) {
    send({ choices: [{ index: 0, delta: { content: ' word' } }] });
    await new Promise((resolve) => setTimeout(resolve, EVENT_EVERY_MS));
  }
  if (isCut) return void response.destroy();
  if (isLong === true) longEnds.set(response, end);
  else if (!response.destroyed) end();
}

function usageOf({ promptTokens, outputTokens }: LedgerAnswer): object {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: outputTokens,
    total_tokens: promptTokens + outputTokens,
  };
}

function completionOf(path: string, answer: LedgerAnswer): object {
  const { id, promptTokens, outputTokens } = answer;
  const total = promptTokens + outputTokens;
  if (path.includes('/responses'))
    return {
      id,
      object: 'response',
      status: 'completed',
      output: [],
      usage: { input_tokens: promptTokens, output_tokens: outputTokens, total_tokens: total },
    };
  if (path.includes('/embeddings'))
    return {
      object: 'list',
      model: id,
      data: [{ object: 'embedding', index: 0, embedding: [0.5] }],
      usage: { prompt_tokens: promptTokens, total_tokens: total },
    };
  const message = { role: 'assistant', content: 'A word.' };
  return {
    id,
    object: 'chat.completion',
    choices: [{ index: 0, finish_reason: 'stop', message }],
    usage: usageOf(answer),
  };
}
