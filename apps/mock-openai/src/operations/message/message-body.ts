import { piecesOf } from '../reply.ts';
import type { Encoding } from '../../tokens/encoding-of.ts';
import type { Said } from '../say.ts';
import type { ToolCall } from '../tools/choose-calls.ts';

/** Claude's answer with everything that it reports. */
export interface Message {
  readonly id: string;
  readonly model: string;
  readonly encoding: Encoding;
  readonly said: Said;
  readonly inputTokens: number;
}

/** Claude's words for why an answer ends. */
const REASONS: Readonly<Record<Said['reason'], string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  content_filter: 'refusal',
  tool_calls: 'tool_use',
};

/** Writes a message as one JSON. */
export function messageJson(message: Message): string {
  const { reply, calls, reason, tokens } = message.said;
  const text = { type: 'text', text: reply.text };
  const content = calls.length === 0 ? [text] : calls.map((call) => callBlock(call, inputOf(call)));
  return JSON.stringify(bodyOf(message, content, REASONS[reason], tokens));
}

/** Streams a message: a delta for each token, in the order of Claude's events. */
export function* messageFrames(message: Message): Generator<string> {
  const { said, encoding } = message;
  const { reply, calls, reason, tokens } = said;
  yield event('message_start', { message: bodyOf(message, [], null, 1) });
  if (calls.length === 0)
    yield* blockFrames(0, { type: 'text', text: '' }, reply.pieces, (text) => ({ type: 'text_delta', text }));
  for (const [index, call] of calls.entries()) {
    const pieces = piecesOf(call.input, encoding);
    yield* blockFrames(index, callBlock(call, {}), pieces, (json) => ({
      type: 'input_json_delta',
      partial_json: json,
    }));
  }
  const delta = { stop_reason: REASONS[reason], stop_sequence: null };
  yield event('message_delta', { delta, usage: { output_tokens: tokens } });
  yield event('message_stop', {});
}

function* blockFrames(
  index: number,
  block: object,
  pieces: readonly string[],
  deltaOf: (piece: string) => object,
): Generator<string> {
  yield event('content_block_start', { index, content_block: block });
  if (index === 0) yield event('ping', {});
  for (const piece of pieces) yield event('content_block_delta', { index, delta: deltaOf(piece) });
  yield event('content_block_stop', { index });
}

function event(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

function callBlock({ id, name }: ToolCall, input: unknown): object {
  return { type: 'tool_use', id: id.replace('call_', 'toolu_'), name, input };
}

/** The input is an object, whatever the user's message wanted it to be. */
function inputOf({ input }: ToolCall): object {
  try {
    const value: unknown = JSON.parse(input);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function bodyOf(
  { id, model, inputTokens }: Message,
  content: readonly object[],
  reason: string | null,
  outputTokens: number,
): object {
  return {
    id,
    type: 'message',
    role: 'assistant',
    model,
    content,
    stop_reason: reason,
    stop_sequence: null,
    usage: {
      input_tokens: inputTokens,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: outputTokens,
      service_tier: 'standard',
    },
  };
}
