import {
  annotations,
  blockedFilterJson,
  choiceFilterJson,
  chunkFilterJson,
  promptFilterJson,
} from '../azure/content-filter.ts';
import { streamWish } from '../calls/model-call.ts';
import { replyEnd } from '../calls/reply-end.ts';
import { chatModel } from './chat-model.ts';
import { chatPrompt } from './chat-prompt.ts';
import { makeId } from './make-id.ts';
import { makeReply } from './reply.ts';
import { usageJson } from './usage.ts';
import type { ModelAnswer, ModelCall } from '../calls/model-call.ts';
import type { Reply } from './reply.ts';

const fingerprint = '"system_fingerprint":"fp_67802d9a6d"';
const afterModel = `,"object":"chat.completion","prompt_filter_results":${promptFilterJson},${fingerprint},"usage":`;

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
  const prompt = chatPrompt(call);
  if (prompt === undefined) {
    const message = "Missing required parameter: 'messages'.";
    return { kind: 'invalid', message, param: 'messages', code: 'missing_required_parameter' };
  }
  const { tokens, reason } = replyEnd(call);
  const model = chatModel(call.deployment);
  const cachedTokens = call.promptCache.use(call.deployment, prompt);
  const completion: Completion = {
    id: makeId('chatcmpl-'),
    created: Math.floor(Date.now() / 1000),
    model: model.json,
    reply: makeReply(call.mockName, tokens, model.encoding),
    reason,
    usage: usageJson(prompt.tokens, tokens, cachedTokens),
  };
  const { isStream, withUsage } = streamWish(call);
  return isStream
    ? { kind: 'events', frames: chatFrames(completion, withUsage, call.contentFilter === 'asynchronous') }
    : { kind: 'json', body: chatJson(completion) };
}

function chatJson({ id, created, model, reply, reason, usage }: Completion): string {
  const results = reason === 'content_filter' ? blockedFilterJson : choiceFilterJson;
  // Joined, for a text that is added up is copied piece by piece when it is sent: that costs twice as much.
  return [
    '{"choices":[{"content_filter_results":',
    results,
    `,"finish_reason":"${reason}","index":0,"logprobs":null,"message":{"content":`,
    reply.json,
    `,"refusal":null,"role":"assistant"}}],"created":${created},"id":"`,
    id,
    '","model":',
    model,
    afterModel,
    usage,
    '}\n',
  ].join('');
}

function* chatFrames(completion: Completion, withUsage: boolean, isAsynchronous: boolean): Generator<string> {
  const { id, created, model, reply, reason, usage } = completion;
  const noUsage = withUsage ? ',"usage":null' : '';
  const common = `"created":${created},"id":"${id}","model":${model},"object":"chat.completion.chunk",${fingerprint}`;
  const end = `,"finish_reason":null,"index":0,"logprobs":null}],${common}${noUsage}}\n\n`;
  const found = isAsynchronous ? annotations(reply.pieces, reason, noUsage) : undefined;
  const noResults = isAsynchronous ? '' : '"content_filter_results":{},';
  const results = isAsynchronous ? '' : `"content_filter_results":${chunkFilterJson},`;
  const lastResults =
    reason === 'content_filter' ? `"content_filter_results":${blockedFilterJson},` : noResults;

  // The prompt's filter results come first, in a chunk that has no id and no choice: clients must bear it.
  yield `data: {"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":${promptFilterJson}${noUsage}}\n\n`;
  yield `data: {"choices":[{${noResults}"delta":{"content":"","refusal":null,"role":"assistant"}${end}`;
  for (const [index, piece] of reply.pieces.entries()) {
    yield `data: {"choices":[{${results}"delta":{"content":${JSON.stringify(piece)}}${end}`;
    const annotation = found?.get(index);
    if (annotation !== undefined) yield annotation;
  }
  yield `data: {"choices":[{${lastResults}"delta":{},"finish_reason":"${reason}","index":0,"logprobs":null}],${common}${noUsage}}\n\n`;
  const late = found?.get(reply.pieces.length);
  if (late !== undefined) yield late;
  if (withUsage) yield `data: {"choices":[],${common},"usage":${usage}}\n\n`;
  yield 'data: [DONE]\n\n';
}
