import { countTokens } from '../tokens/count-tokens.ts';
import { toReply } from './reply.ts';
import { sayText } from './say-text.ts';
import { chooseCalls } from './tools/choose-calls.ts';
import { sampleJson } from './tools/sample-json.ts';
import type { InvalidAnswer, ModelCall } from '../calls/model-call.ts';
import type { Encoding } from '../tokens/encoding-of.ts';
import type { Reply } from './reply.ts';
import type { ToolCall, ToolsAsked } from './tools/choose-calls.ts';

/** A model's answer: a text, or calls of tools. */
export interface Said {
  readonly kind: 'said';
  readonly reply: Reply;
  readonly calls: readonly ToolCall[];
  readonly tokens: number;
  readonly reason: 'stop' | 'length' | 'content_filter' | 'tool_calls';
}

/** The requested form of a text. */
export type TextFormat =
  | { readonly kind: 'text' }
  | { readonly kind: 'json' }
  | { readonly kind: 'schema'; readonly schema: unknown };

/** The requirements of a call beyond a text. */
export interface Asked {
  readonly tools: ToolsAsked | undefined;
  readonly format: TextFormat;
  /** The stop sequences of a text. */
  readonly stops?: readonly string[];
}

const noText = toReply('', 'o200k_base');

/** Decides a model's answer. A script that shapes the text gets a text; JSON and calls are never cut short. */
export function say(
  call: Pick<ModelCall, 'body' | 'completionTokens' | 'chunks' | 'blockedAfter' | 'mockName'>,
  encoding: Encoding,
  { tools, format, stops = [] }: Asked,
): Said | InvalidAnswer {
  const isShaped = call.chunks !== undefined || call.blockedAfter !== undefined;
  if (tools !== undefined && !isShaped) {
    const calls = chooseCalls(tools);
    if ('kind' in calls) return calls;
    if (calls.length > 0) return toolCalls(calls, encoding);
  }
  if (format.kind === 'text' || isShaped) {
    return { kind: 'said', calls: [], ...sayText(call, isShaped ? [] : stops, encoding) };
  }
  const json =
    format.kind === 'schema'
      ? sampleJson(format.schema)
      : JSON.stringify({ reply: `Hello from ${call.mockName}.` });
  const tokens = countTokens(json, encoding);
  return { kind: 'said', reply: toReply(json, encoding), calls: [], tokens, reason: 'stop' };
}

function toolCalls(calls: readonly ToolCall[], encoding: Encoding): Said {
  let tokens = 0;
  for (const { name, input } of calls) tokens += countTokens(name, encoding) + countTokens(input, encoding);
  return { kind: 'said', reply: noText, calls, tokens, reason: 'tool_calls' };
}
