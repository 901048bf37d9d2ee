import { textOf } from '../operations/read-json.ts';
import { piecesOf } from '../operations/reply.ts';
import { chooseCalls } from '../operations/tools/choose-calls.ts';
import { readToolChoice, readTools } from '../operations/tools/tool.ts';
import { countTokens } from '../tokens/count-tokens.ts';
import type { InvalidAnswer } from '../calls/model-call.ts';
import type { ToolCall } from '../operations/tools/choose-calls.ts';
import type { ActiveResponse, Conversation, Fields, Item, ServerEvent } from './conversation.ts';

/** Chooses the calls of a response among the functions that it or its session offers, or returns the error of the choice. */
export function callsOf(
  { session, items }: Conversation,
  asked: Fields,
): readonly ToolCall[] | InvalidAnswer {
  const tools = readTools(asked['tools'] ?? session['tools']);
  if (tools.length === 0) return [];
  const heard = Array.isArray(asked['input']) ? (asked['input'] as readonly Fields[]) : items;
  return chooseCalls({
    tools,
    choice: readToolChoice(asked['tool_choice'] ?? session['tool_choice']),
    isParallel: true,
    isUsersTurn: heard.at(-1)?.['role'] === 'user',
    text: textOf(heard.findLast(({ role }) => role === 'user')?.['content']),
  });
}

/** Returns the number of tokens of calls. */
export function tokensOf(calls: readonly ToolCall[], { encoding }: Conversation): number {
  return calls.reduce((sum, { name, input }) => sum + countTokens(name + input, encoding), 0);
}

/** Makes the item of a call with the arguments so far. */
export function callItem(id: string, status: string, { id: call_id, name }: ToolCall, input: string): Item {
  return { id, object: 'realtime.item', type: 'function_call', status, name, call_id, arguments: input };
}

/** Yields the events of a call's arguments, token by token. Returns the arguments that were sent before it was cancelled. */
export function* tellArguments(
  { encoding }: Conversation,
  active: ActiveResponse,
  { id: call_id, name, input }: ToolCall,
  place: Fields,
): Generator<ServerEvent, string> {
  let told = '';
  for (const delta of piecesOf(input, encoding)) {
    if (active.isCancelled) return told;
    told += delta;
    yield { type: 'response.function_call_arguments.delta', ...place, call_id, delta };
  }
  yield { type: 'response.function_call_arguments.done', ...place, call_id, name, arguments: input };
  return told;
}
