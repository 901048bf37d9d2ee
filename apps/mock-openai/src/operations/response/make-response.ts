import { replyEnd } from '../../calls/reply-end.ts';
import { nowSeconds } from '../../stored/stored-object.ts';
import { encodingOf } from '../../tokens/encoding-of.ts';
import { idOfConversation } from '../conversation/conversation-kind.ts';
import { makeId } from '../make-id.ts';
import { makeReply } from '../reply.ts';
import { responsePrompt } from './response-prompt.ts';
import type { ModelCall } from '../../calls/model-call.ts';
import type { ObjectBody } from '../../stored/stored-object.ts';

/** A response from its beginning to its end. */
export interface MadeResponse {
  readonly id: string;
  /** As it is while nothing is answered yet. */
  readonly begun: ObjectBody;
  /** As it is when the answer is whole. */
  readonly ended: ObjectBody;
  /** The one item of its output. */
  readonly message: ObjectBody;
  readonly pieces: readonly string[];
  readonly text: string;
}

const whyIncomplete = {
  stop: null,
  length: { reason: 'max_output_tokens' },
  content_filter: { reason: 'content_filter' },
};

/** Makes a response to a call that was checked. */
export function makeResponse(call: ModelCall, items: readonly ObjectBody[]): MadeResponse {
  const encoding = encodingOf(call.deployment, 'o200k_base');
  const { tokens, reason } = replyEnd(call);
  const { pieces, text } = makeReply(call.mockName, tokens, encoding);
  const prompt = responsePrompt(call, items);
  const cachedTokens = call.promptCache.use(call.deployment, prompt);
  const status = reason === 'stop' ? 'completed' : 'incomplete';
  const id = makeId('resp_');
  const begun = begin(id, call);
  const message = messageItem(makeId('msg_'), status, text);
  const ended = {
    ...begun,
    status,
    completed_at: status === 'completed' ? nowSeconds() : null,
    incomplete_details: whyIncomplete[reason],
    output: [message],
    usage: {
      input_tokens: prompt.tokens,
      input_tokens_details: { cached_tokens: cachedTokens },
      output_tokens: tokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: prompt.tokens + tokens,
    },
  };
  return { id, begun, ended, message, pieces, text };
}

/** Makes the item that a response's text stands in. */
export function messageItem(id: unknown, status: string, text: string | undefined): ObjectBody {
  const content = text === undefined ? [] : [textPart(text)];
  return { id, type: 'message', status, content, role: 'assistant' };
}

/** Makes the part of a message that has the text. */
export function textPart(text: string): ObjectBody {
  return { type: 'output_text', annotations: [], logprobs: [], text };
}

function begin(id: string, call: ModelCall): ObjectBody {
  const { body } = call;
  const conversation = idOfConversation(body['conversation']);
  return {
    id,
    object: 'response',
    created_at: nowSeconds(),
    status: 'in_progress',
    background: body['background'] === true,
    completed_at: null,
    conversation: conversation === undefined ? null : { id: conversation },
    error: null,
    incomplete_details: null,
    instructions: body['instructions'] ?? null,
    max_output_tokens: body['max_output_tokens'] ?? null,
    max_tool_calls: body['max_tool_calls'] ?? null,
    model: call.deployment,
    output: [],
    parallel_tool_calls: body['parallel_tool_calls'] ?? true,
    previous_response_id: body['previous_response_id'] ?? null,
    prompt_cache_key: body['prompt_cache_key'] ?? null,
    reasoning: body['reasoning'] ?? { effort: null, summary: null },
    safety_identifier: body['safety_identifier'] ?? null,
    service_tier: 'default',
    store: body['store'] !== false,
    temperature: body['temperature'] ?? 1,
    text: body['text'] ?? { format: { type: 'text' } },
    tool_choice: body['tool_choice'] ?? 'auto',
    tools: body['tools'] ?? [],
    top_logprobs: body['top_logprobs'] ?? 0,
    top_p: body['top_p'] ?? 1,
    truncation: body['truncation'] ?? 'disabled',
    usage: null,
    user: body['user'] ?? null,
    metadata: body['metadata'] ?? {},
  };
}
