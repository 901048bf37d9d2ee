import { streamWish, type ModelAnswer, type ModelCall } from '../../calls/model-call.ts';
import { chatSize, type CallSize } from '../../quota/estimate-tokens.ts';
import { countChatPrompt } from '../../tokens/count-prompt.ts';
import { chatModel } from '../chat-model.ts';
import { makeId } from '../make-id.ts';
import { readChat } from '../read-chat.ts';
import { listOf } from '../read-json.ts';
import { say } from '../say.ts';
import { messageFrames, messageJson, type Message } from './message-body.ts';
import { toChat } from './to-chat.ts';
import type { ModelOperation } from '../../calls/operation.ts';

type Body = Readonly<Record<string, unknown>>;

/** Claude's operations, below `/anthropic/v1/`. */
export const messageCalls: readonly ModelOperation[] = [
  { path: 'messages', azureName: 'Messages_Create', answer: createMessage, sizeOf: messageSize },
  {
    path: 'messages/count_tokens',
    azureName: 'Messages_CountTokens',
    answer: countTokens,
    sizeOf: () => ({ prompt: [], maxTokens: 0 }),
  },
];

function createMessage(call: ModelCall): ModelAnswer {
  const { body, deployment } = call;
  const wrong = missingOf(body, ['max_tokens', 'messages']);
  if (wrong !== undefined) return wrong;
  const chat = toChat(body);
  const messages = listOf(chat['messages']);
  const asked = readChat(chat, messages);
  if ('kind' in asked) return invalid(asked.message);
  const { encoding } = chatModel(deployment);
  const said = say(call, encoding, asked);
  if (said.kind === 'invalid') return invalid(said.message);
  const inputTokens = countChatPrompt(messages, chat['tools'], encoding);
  const message: Message = { id: makeId('msg_'), model: deployment, encoding, said, inputTokens };
  return streamWish(call).isStream
    ? { kind: 'events', frames: messageFrames(message) }
    : { kind: 'json', body: messageJson(message) };
}

function countTokens({ body, deployment }: ModelCall): ModelAnswer {
  const wrong = missingOf(body, ['messages']);
  if (wrong !== undefined) return wrong;
  const { messages, tools } = toChat(body);
  const tokens = countChatPrompt(listOf(messages), tools, chatModel(deployment).encoding);
  return { kind: 'json', body: JSON.stringify({ input_tokens: tokens }) };
}

/** The texts of the messages and of the system prompt. */
function messageSize(body: Body): CallSize {
  return chatSize({ messages: toChat(body)['messages'], max_tokens: body['max_tokens'] });
}

function missingOf(body: Body, required: readonly string[]): ModelAnswer | undefined {
  const missing = required.find((name) => body[name] === undefined);
  return missing === undefined ? undefined : invalid(`${missing}: Field required`);
}

/** An error in Claude's shape. */
function invalid(message: string): ModelAnswer {
  const error = { type: 'invalid_request_error', message };
  return { kind: 'json', status: 400, body: JSON.stringify({ type: 'error', error }) };
}
