import { tokenLogprob } from '../logprobs.ts';
import { makeId } from '../make-id.ts';
import { piecesOf } from '../reply.ts';
import type { ObjectBody } from '../../stored/stored-object.ts';
import type { Seal } from '../../stored/seal.ts';
import type { Encoding } from '../../tokens/encoding-of.ts';
import type { Said } from '../say.ts';
import type { ToolCall } from '../tools/choose-calls.ts';
import type { ResponseAsked } from './read-response.ts';

/** One item of a response's output. */
export interface OutputItem {
  /** Its state when complete. */
  readonly item: ObjectBody;
  /** The part of it that comes token by token: a text, the input of a tool, a summary. */
  readonly pieces: readonly string[];
}

/** The number of reasoning tokens reported for the model. */
export const reasoningTokens = 32;

const summaryPieces = ['Hello', ' to', ' whom', ' it', ' may', ' concern', '.'];

/** Makes the items of a response's output: the reasoning, then calls of tools or a message. */
export function outputItems(
  said: Said,
  asked: ResponseAsked,
  { status, seal, encoding }: { readonly status: string; readonly seal: Seal; readonly encoding: Encoding },
): OutputItem[] {
  const reasoning = asked.reasons ? [reasoningItem(asked, seal)] : [];
  if (said.calls.length > 0) return [...reasoning, ...said.calls.map((call) => callItem(call, encoding))];
  const { text, pieces } = said.reply;
  const item = messageItem(makeId('msg_'), status, [textPart(text, pieces, asked.alternatives)]);
  return [...reasoning, { item, pieces }];
}

/** Makes a message that the model says. */
function messageItem(id: unknown, status: string, content: readonly ObjectBody[]): ObjectBody {
  return { id, type: 'message', status, content, role: 'assistant' };
}

/** Makes the part of a message that has its text. */
export function textPart(
  text: string,
  pieces: readonly string[] = [],
  alternatives?: number | undefined,
): ObjectBody {
  const logprobs = alternatives === undefined ? [] : pieces.map((piece) => tokenLogprob(piece, alternatives));
  return { type: 'output_text', annotations: [], logprobs, text };
}

function reasoningItem({ isSealed, hasSummary }: ResponseAsked, seal: Seal): OutputItem {
  const id = makeId('rs_');
  const pieces = hasSummary ? summaryPieces : [];
  const summary = hasSummary ? [{ type: 'summary_text', text: pieces.join('') }] : [];
  const sealed = isSealed ? { encrypted_content: seal.close(id) } : {};
  return { item: { id, type: 'reasoning', ...sealed, summary }, pieces };
}

function callItem({ kind, id, name, input }: ToolCall, encoding: Encoding): OutputItem {
  const pieces = piecesOf(input, encoding);
  const status = 'completed';
  const item =
    kind === 'function'
      ? { id: makeId('fc_'), type: 'function_call', status, arguments: input, call_id: id, name }
      : { id: makeId('ctc_'), type: 'custom_tool_call', status, call_id: id, input, name };
  return { item, pieces };
}
