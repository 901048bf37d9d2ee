import { streamWish } from '../calls/model-call.ts';
import { chatFrames } from './chat-frames.ts';
import { chatJson } from './chat-json.ts';
import { chatModel } from './chat-model.ts';
import { chatPrompt } from './chat-prompt.ts';
import { makeId } from './make-id.ts';
import { readChat } from './read-chat.ts';
import { say } from './say.ts';
import { usageJson } from './usage.ts';
import type { ModelAnswer, ModelCall } from '../calls/model-call.ts';
import type { Completion } from './chat-json.ts';
import type { ChatAsked } from './read-chat.ts';
import type { Said } from './say.ts';

/** Answers a chat completion: one JSON, or a stream in Azure's order of chunks. */
export function chatCompletion(call: ModelCall): ModelAnswer {
  const prompt = chatPrompt(call);
  if (prompt === undefined) {
    const message = "Missing required parameter: 'messages'.";
    return { kind: 'invalid', message, param: 'messages', code: 'missing_required_parameter' };
  }
  const asked = readChat(call.body, call.body['messages'] as readonly unknown[]);
  if ('kind' in asked) return asked;
  const model = chatModel(call.deployment);
  const said = say(call, model.encoding, asked);
  if (said.kind === 'invalid') return said;
  const cachedTokens = call.promptCache.use(call.deployment, prompt);
  const completion: Completion = {
    id: makeId('chatcmpl-'),
    created: Math.floor(Date.now() / 1000),
    model: model.json,
    encoding: model.encoding,
    said,
    reason: finishReason(said, asked),
    asked,
    usage: usageJson(prompt.tokens, said.tokens * asked.choices, cachedTokens),
  };
  const { isStream, withUsage } = streamWish(call);
  return isStream
    ? { kind: 'events', frames: chatFrames(completion, withUsage, call.contentFilter === 'asynchronous') }
    : { kind: 'json', body: chatJson(completion) };
}

/** A call that `tool_choice` names ends with `stop`, as the service has it. */
function finishReason({ reason }: Said, { tools }: ChatAsked): string {
  return reason === 'tool_calls' && tools?.choice.isNamed === true ? 'stop' : reason;
}
