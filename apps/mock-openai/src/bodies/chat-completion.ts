import { choiceFilterJson, chunkFilterJson, promptFilterJson } from './content-filter.ts';
import { estimateTokens } from './estimate-tokens.ts';
import { makeId } from './make-id.ts';
import { modelName } from './model-name.ts';
import { makeReply } from './reply.ts';
import { usageJson } from './usage.ts';
import { replyLength, streamWish } from './model-call.ts';
import type { Reply } from './reply.ts';
import type { ModelAnswer, ModelCall } from './model-call.ts';

const fingerprint = '"system_fingerprint":"fp_67802d9a6d"';

/** A reply with all that its JSON tells. */
interface Completion {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly reply: Reply;
  readonly reason: string;
  readonly usage: string;
}

/** Answers a chat completion: one JSON, or a stream in Azure's order of chunks. */
export function chatCompletion(call: ModelCall): ModelAnswer {
  const { messages } = call.body;
  if (!Array.isArray(messages)) {
    const message = "Missing required parameter: 'messages'.";
    return { kind: 'invalid', message, param: 'messages', code: 'missing_required_parameter' };
  }
  const { tokens, reason } = replyLength(call);
  const completion: Completion = {
    id: makeId('chatcmpl-'),
    created: Math.floor(Date.now() / 1000),
    model: JSON.stringify(modelName(call.deployment, 'gpt-4o-2024-08-06')),
    reply: makeReply(call.mockName, tokens),
    reason,
    usage: usageJson(promptTokens(messages), tokens),
  };
  const { isStream, withUsage } = streamWish(call);
  return isStream
    ? { kind: 'events', frames: chatFrames(completion, withUsage) }
    : { kind: 'json', body: chatJson(completion) };
}

function chatJson({ id, created, model, reply, reason, usage }: Completion): string {
  return (
    `{"choices":[{"content_filter_results":${choiceFilterJson},"finish_reason":"${reason}","index":0,"logprobs":null,` +
    `"message":{"content":${reply.json},"refusal":null,"role":"assistant"}}],` +
    `"created":${created},"id":"${id}","model":${model},"object":"chat.completion",` +
    `"prompt_filter_results":${promptFilterJson},${fingerprint},"usage":${usage}}\n`
  );
}

function* chatFrames(completion: Completion, withUsage: boolean): Generator<string> {
  const { id, created, model, reply, reason, usage } = completion;
  const noUsage = withUsage ? ',"usage":null' : '';
  const common = `"created":${created},"id":"${id}","model":${model},"object":"chat.completion.chunk",${fingerprint}`;
  const end = `,"finish_reason":null,"index":0,"logprobs":null}],${common}${noUsage}}\n\n`;

  // The prompt's filter results come first, in a chunk that has no id and no choice: clients must bear it.
  yield `data: {"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":${promptFilterJson}${noUsage}}\n\n`;
  yield `data: {"choices":[{"content_filter_results":{},"delta":{"content":"","refusal":null,"role":"assistant"}${end}`;
  for (const piece of reply.pieces) {
    yield `data: {"choices":[{"content_filter_results":${chunkFilterJson},"delta":{"content":${JSON.stringify(piece)}}${end}`;
  }
  yield `data: {"choices":[{"content_filter_results":{},"delta":{},"finish_reason":"${reason}","index":0,"logprobs":null}],${common}${noUsage}}\n\n`;
  if (withUsage) yield `data: {"choices":[],${common},"usage":${usage}}\n\n`;
  yield 'data: [DONE]\n\n';
}

function promptTokens(messages: readonly unknown[]): number {
  let tokens = 3;
  for (const message of messages) tokens += 4 + contentTokens(message);
  return tokens;
}

function contentTokens(message: unknown): number {
  if (typeof message !== 'object' || message === null || !('content' in message)) return 0;
  const { content } = message;
  if (typeof content === 'string') return estimateTokens(content);
  return content === undefined || content === null ? 0 : estimateTokens(JSON.stringify(content));
}
