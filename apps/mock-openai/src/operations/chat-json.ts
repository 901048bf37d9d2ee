import { blockedFilterJson, choiceFilterJson, promptFilterJson } from '../azure/content-filter.ts';
import { logprobsJson } from './logprobs.ts';
import type { Encoding } from '../tokens/encoding-of.ts';
import type { ChatAsked } from './read-chat.ts';
import type { Said } from './say.ts';
import type { ToolCall } from './tools/choose-calls.ts';

/** The `system_fingerprint` of every chat, as JSON. */
export const fingerprint = '"system_fingerprint":"fp_67802d9a6d"';
const afterModel = `,"object":"chat.completion","prompt_filter_results":${promptFilterJson},${fingerprint},"usage":`;

/** An answer with everything its JSON reports. */
export interface Completion {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly encoding: Encoding;
  readonly said: Said;
  readonly reason: string;
  readonly asked: ChatAsked;
  readonly usage: string;
}

/** Writes a chat completion as one JSON. */
export function chatJson(completion: Completion): string {
  const { id, created, model, reason, asked, usage } = completion;
  const results = reason === 'content_filter' ? blockedFilterJson : choiceFilterJson;
  const parts: string[] = ['{"choices":['];
  for (let index = 0; index < asked.choices; index += 1) {
    const start = `${index === 0 ? '' : ','}{"content_filter_results":`;
    parts.push(start, results, `,"finish_reason":"${reason}","index":${index},"logprobs":`);
    parts.push(logprobs(completion), ',"message":{"content":', message(completion), ',"role":"assistant"');
    parts.push(toolCalls(completion), '}}');
  }
  // Joined, because a text built by concatenation is copied piece by piece when sent, which costs twice as much.
  parts.push(`],"created":${created},"id":"`, id, '","model":', model, afterModel, usage, '}\n');
  return parts.join('');
}

/** Makes a call as a message holds it. */
export function toolCallBody({ kind, id, name, input }: ToolCall): object {
  return kind === 'function'
    ? { id, type: kind, function: { name, arguments: input } }
    : { id, type: kind, custom: { name, input } };
}

function message({ said }: Completion): string {
  return `${said.calls.length === 0 ? said.reply.json : 'null'},"refusal":null`;
}

function toolCalls({ said: { calls } }: Completion): string {
  return calls.length === 0 ? '' : `,"tool_calls":${JSON.stringify(calls.map(toolCallBody))}`;
}

function logprobs({ said: { reply, calls }, asked: { alternatives } }: Completion): string {
  if (alternatives === undefined || calls.length > 0) return 'null';
  return logprobsJson(reply.pieces, alternatives);
}
