import { replyLength } from '../calls/model-call.ts';
import { makeId } from '../operations/make-id.ts';
import { makeReply } from '../operations/reply.ts';
import { bytesPerSecond, countConversation } from './conversation.ts';
import type { ActiveResponse, Conversation, Fields, Item, ServerEvent } from './conversation.ts';

// OpenAI counts a token for each 50 ms of the assistant's speech; the mock is silent for the same time.
const silence = Buffer.alloc(bytesPerSecond / 20).toString('base64');

/** The decisions about a response before it begins. */
interface Plan {
  readonly active: ActiveResponse;
  readonly itemId: string;
  readonly hasAudio: boolean;
  readonly pieces: readonly string[];
  readonly reason: 'stop' | 'length';
  readonly fields: Fields;
}

/** Responds to the conversation: the events of a response, made one at a time, until it ends or is cancelled. */
export function* respond(conversation: Conversation, asked: Fields): Generator<ServerEvent> {
  const { dialect } = conversation;
  const plan = makePlan(conversation, asked);
  const { active, itemId } = plan;
  conversation.response = active;
  const place = { response_id: active.id, output_index: 0 };
  const input = countConversation(conversation);
  const previous = conversation.items.at(-1)?.id ?? null;

  yield { type: 'response.created', response: responseObject(plan, 'in_progress', []) };
  const begun = messageItem(itemId, 'in_progress', []);
  yield { type: 'response.output_item.added', ...place, item: begun };
  yield { type: dialect.itemAdded, previous_item_id: previous, item: begun };
  const said = yield* speak(conversation, plan);

  const { status, details } = ending(plan);
  const item = messageItem(itemId, status === 'completed' ? 'completed' : 'incomplete', [
    plan.hasAudio
      ? { type: dialect.audioPart, transcript: said.join('') }
      : { type: dialect.textPart, text: said.join('') },
  ]);
  conversation.items = [...conversation.items, item];
  conversation.response = undefined;
  if (dialect.itemDone !== undefined) yield { type: dialect.itemDone, previous_item_id: previous, item };
  yield { type: 'response.output_item.done', ...place, item };
  yield {
    type: 'response.done',
    response: {
      ...responseObject(plan, status, [item]),
      status_details: details,
      usage: usage(input, said.length, plan.hasAudio),
    },
  };
}

/** Yields the events of the message's one part. Returns the spoken tokens. */
function* speak(
  { dialect }: Conversation,
  { active, itemId, hasAudio, pieces }: Plan,
): Generator<ServerEvent, string[]> {
  const place = { response_id: active.id, item_id: itemId, output_index: 0, content_index: 0 };
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

function makePlan(conversation: Conversation, asked: Fields): Plan {
  const { dialect, session, mockName, completionTokens, encoding } = conversation;
  const modalities = asked[dialect.modalitiesField] ?? session[dialect.modalitiesField];
  const hasAudio = Array.isArray(modalities) && modalities.includes('audio');
  const limit = asked[dialect.maxTokensField] ?? session[dialect.maxTokensField];
  const body = { max_output_tokens: limit };
  const { tokens, reason } = replyLength({ body, completionTokens, chunks: undefined });
  return {
    active: { id: makeId('resp_'), isCancelled: false },
    itemId: makeId('item_'),
    hasAudio,
    pieces: makeReply(mockName, tokens, encoding).pieces,
    reason,
    fields: {
      conversation_id: conversation.id,
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
