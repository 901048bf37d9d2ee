import { nowSeconds } from '../../stored/stored-object.ts';
import { encodingOf } from '../../tokens/encoding-of.ts';
import { idOfConversation } from '../conversation/conversation-kind.ts';
import { makeId } from '../make-id.ts';
import { say } from '../say.ts';
import { outputItems, reasoningTokens } from './output-items.ts';
import { readResponse } from './read-response.ts';
import { responsePrompt } from './response-prompt.ts';
import type { InvalidAnswer, ModelCall } from '../../calls/model-call.ts';
import type { ObjectBody } from '../../stored/stored-object.ts';
import type { OutputItem } from './output-items.ts';

/** A response from its beginning to its end. */
export interface MadeResponse {
  readonly kind: 'response';
  readonly id: string;
  /** Its state before anything is answered. */
  readonly begun: ObjectBody;
  /** Its state when the answer is complete. */
  readonly ended: ObjectBody;
  readonly output: readonly OutputItem[];
  /** How many alternatives its `logprobs` have; undefined when there are none. */
  readonly alternatives: number | undefined;
}

const whyIncomplete = {
  stop: null,
  tool_calls: null,
  length: { reason: 'max_output_tokens' },
  content_filter: { reason: 'content_filter' },
};

/** Makes a response to a checked call, or says what is wrong with its options. */
export function makeResponse(call: ModelCall, items: readonly ObjectBody[]): MadeResponse | InvalidAnswer {
  const encoding = encodingOf(call.deployment, 'o200k_base');
  const asked = readResponse(call.body, items);
  if ('kind' in asked) return asked;
  const said = say(call, encoding, asked);
  if (said.kind === 'invalid') return said;
  const prompt = responsePrompt(call, items);
  const cachedTokens = call.promptCache.use(call.deployment, prompt);
  const whole = said.reason === 'stop' || said.reason === 'tool_calls';
  const status = whole ? 'completed' : 'incomplete';
  const id = makeId('resp_');
  const begun = begin(id, call);
  const output = outputItems(said, asked, { status, seal: call.stored.seal, encoding });
  const thought = asked.reasons ? reasoningTokens : 0;
  const ended = {
    ...begun,
    status,
    completed_at: whole ? nowSeconds() : null,
    incomplete_details: whyIncomplete[said.reason],
    output: output.map(({ item }) => item),
    usage: responseUsage(prompt.tokens, said.tokens + thought, cachedTokens, thought),
  };
  return { kind: 'response', id, begun, ended, output, alternatives: asked.alternatives };
}

/** Makes the `usage` of a response; `thought` output tokens were reasoning. */
export function responseUsage(input: number, output: number, cached = 0, thought = 0): ObjectBody {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: thought },
    total_tokens: input + output,
  };
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
