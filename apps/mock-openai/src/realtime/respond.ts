import { replyLength } from '../calls/model-call.ts';
import { makeId } from '../operations/make-id.ts';
import { makeReply } from '../operations/reply.ts';
import { callItem, callsOf, tellArguments, tokensOf } from './call-functions.ts';
import { bytesPerSecond, countConversation, isFields } from './conversation.ts';
import { errorEvent } from './error-event.ts';
import type { ToolCall } from '../operations/tools/choose-calls.ts';
import type { ActiveResponse, Conversation, Fields, Item, ServerEvent } from './conversation.ts';

// OpenAI counts a token for each 50 ms of the assistant's speech; the mock is silent for the same time.
const silence = Buffer.alloc(bytesPerSecond / 20).toString('base64');

/** The decisions about a response before it begins. */
interface Plan {
  readonly active: ActiveResponse;
  readonly hasAudio: boolean;
  readonly pieces: readonly string[];
  /** The calls that it consists of, instead of a message. */
  readonly calls: readonly ToolCall[];
  readonly reason: 'stop' | 'length';
  /** Whether it is kept out of the conversation. */
  readonly isApart: boolean;
  readonly fields: Fields;
}

/** Responds to the conversation: the events of a response, made one at a time, until it ends or is cancelled. */
export function* respond(conversation: Conversation, event: Fields): Generator<ServerEvent> {
  const asked = isFields(event['response']) ? event['response'] : {};
  const calls = callsOf(conversation, asked);
  if ('kind' in calls) {
    yield errorEvent({ message: calls.message, code: 'invalid_value', param: 'tool_choice' }, event);
    return;
  }
  const plan = makePlan(conversation, asked, calls);
  conversation.response = plan.active;
  const input = countConversation(conversation);
  yield { type: 'response.created', response: responseObject(plan, 'in_progress', []) };
  const { output, tokens } = yield* calls.length > 0
    ? callAll(conversation, plan)
    : sayMessage(conversation, plan);
  const { status, details } = ending(plan);
  conversation.response = undefined;
  yield {
    type: 'response.done',
    response: {
      ...responseObject(plan, status, output),
      status_details: details,
      usage: usage(input, tokens, plan.hasAudio && calls.length === 0),
    },
  };
}

/** The output of a response, and its number of tokens. */
interface Output {
  readonly output: readonly Item[];
  readonly tokens: number;
}

function* sayMessage(conversation: Conversation, plan: Plan): Generator<ServerEvent, Output> {
  const { dialect } = conversation;
  const id = makeId('item_');
  const said: string[] = [];
  const item = yield* putOut(conversation, plan, 0, {
    begun: messageItem(id, 'in_progress', []),
    *tell() {
      said.push(...(yield* speak(conversation, plan, id)));
      const text = said.join('');
      const part = plan.hasAudio
        ? { type: dialect.audioPart, transcript: text }
        : { type: dialect.textPart, text };
      return messageItem(id, endOf(plan), [part]);
    },
  });
  return { output: [item], tokens: said.length };
}

function* callAll(conversation: Conversation, plan: Plan): Generator<ServerEvent, Output> {
  const output: Item[] = [];
  for (const [index, call] of plan.calls.entries()) {
    if (plan.active.isCancelled) break;
    const id = makeId('item_');
    const place = { response_id: plan.active.id, item_id: id, output_index: index };
    const item = yield* putOut(conversation, plan, index, {
      begun: callItem(id, 'in_progress', call, ''),
      *tell() {
        const told = yield* tellArguments(conversation, plan.active, call, place);
        return callItem(id, endOf(plan), call, told);
      },
    });
    output.push(item);
  }
  return { output, tokens: tokensOf(plan.calls, conversation) };
}

/** An item of the output, and the events of its content. */
interface Telling {
  readonly begun: Item;
  tell(): Generator<ServerEvent, Item>;
}

/** Yields the events of an item. Returns the complete item. */
function* putOut(
  conversation: Conversation,
  { active, isApart }: Plan,
  index: number,
  { begun, tell }: Telling,
): Generator<ServerEvent, Item> {
  const { dialect, items } = conversation;
  const place = { response_id: active.id, output_index: index };
  const previous_item_id = items.at(-1)?.id ?? null;
  yield { type: 'response.output_item.added', ...place, item: begun };
  if (!isApart) yield { type: dialect.itemAdded, previous_item_id, item: begun };
  const item = yield* tell();
  if (!isApart) {
    conversation.items = [...conversation.items, item];
    if (dialect.itemDone !== undefined) yield { type: dialect.itemDone, previous_item_id, item };
  }
  yield { type: 'response.output_item.done', ...place, item };
  return item;
}

/** Yields the events of the message's one part. Returns the spoken tokens. */
function* speak(
  { dialect }: Conversation,
  { active, hasAudio, pieces }: Plan,
  item_id: string,
): Generator<ServerEvent, string[]> {
  const place = { response_id: active.id, item_id, output_index: 0, content_index: 0 };
  const textEvents = hasAudio ? dialect.transcriptEvents : dialect.textEvents;
  const part = (text: string) => (hasAudio ? { type: 'audio', transcript: text } : { type: 'text', text });
  yield { type: 'response.content_part.added', ...place, part: part('') };
  const said: string[] = [];
  for (const piece of pieces) {
    if (active.isCancelled) break;
    said.push(piece);
    yield { type: `${textEvents}.delta`, ...place, delta: piece };
    if (hasAudio) yield { type: `${dialect.audioEvents}.delta`, ...place, delta: silence };
  }
  const text = said.join('');
  if (hasAudio) yield { type: `${dialect.audioEvents}.done`, ...place };
  yield { type: `${textEvents}.done`, ...place, ...(hasAudio ? { transcript: text } : { text }) };
  yield { type: 'response.content_part.done', ...place, part: part(text) };
  return said;
}

function makePlan(conversation: Conversation, asked: Fields, calls: readonly ToolCall[]): Plan {
  const { dialect, session, mockName, completionTokens, encoding } = conversation;
  const modalities = asked[dialect.modalitiesField] ?? session[dialect.modalitiesField];
  const hasAudio = Array.isArray(modalities) && modalities.includes('audio');
  const limit = asked[dialect.maxTokensField] ?? session[dialect.maxTokensField];
  const body = { max_output_tokens: limit };
  const { tokens, reason } = replyLength({ body, completionTokens, chunks: undefined });
  const isApart = asked['conversation'] === 'none';
  return {
    active: { id: makeId('resp_'), isCancelled: false },
    hasAudio,
    pieces: makeReply(mockName, tokens, encoding).pieces,
    calls,
    reason: calls.length > 0 ? 'stop' : reason,
    isApart,
    fields: {
      conversation_id: isApart ? null : conversation.id,
      [dialect.modalitiesField]: modalities,
      max_output_tokens: limit,
      metadata: asked['metadata'] ?? null,
    },
  };
}

function responseObject({ active, fields }: Plan, status: string, output: readonly Item[]): Fields {
  return {
    object: 'realtime.response',
    id: active.id,
    status,
    status_details: null,
    output,
    ...fields,
    usage: null,
  };
}

function messageItem(id: string, status: string, content: readonly Fields[]): Item {
  return { id, object: 'realtime.item', type: 'message', status, role: 'assistant', content };
}

function endOf(plan: Plan): string {
  return ending(plan).status === 'completed' ? 'completed' : 'incomplete';
}

function ending({ active, reason }: Plan): { readonly status: string; readonly details: Fields | null } {
  if (active.isCancelled) {
    return { status: 'cancelled', details: { type: 'cancelled', reason: 'client_cancelled' } };
  }
  return reason === 'length'
    ? { status: 'incomplete', details: { type: 'incomplete', reason: 'max_output_tokens' } }
    : { status: 'completed', details: null };
}

function usage(input: ReturnType<typeof countConversation>, spoken: number, hasAudio: boolean): Fields {
  const { textTokens, audioTokens } = input;
  const audioSpoken = hasAudio ? spoken : 0;
  return {
    total_tokens: textTokens + audioTokens + spoken + audioSpoken,
    input_tokens: textTokens + audioTokens,
    output_tokens: spoken + audioSpoken,
    input_token_details: { cached_tokens: 0, text_tokens: textTokens, audio_tokens: audioTokens },
    output_token_details: { text_tokens: spoken, audio_tokens: audioSpoken },
  };
}
