import { fieldOf, listOf } from '../read-json.ts';
import type { InvalidAnswer } from '../../calls/model-call.ts';

/** Returns whether each tool call in a chat has its result, and each result its call, as the service requires. */
export function checkChatResults(messages: readonly unknown[]): InvalidAnswer | undefined {
  let open = new Set<string>();
  for (const [index, message] of messages.entries()) {
    if (fieldOf(message, 'role') === 'tool') {
      if (!open.delete(String(fieldOf(message, 'tool_call_id')))) return orphan(index);
      continue;
    }
    if (open.size > 0) return unanswered(open, index);
    open = new Set(listOf(fieldOf(message, 'tool_calls')).map((call) => String(fieldOf(call, 'id'))));
  }
  return open.size > 0 ? unanswered(open, messages.length) : undefined;
}

/** Returns whether each tool call among a response's items has its result, and each result its call. */
export function checkItemResults(items: readonly unknown[]): InvalidAnswer | undefined {
  const calls = idsOf(items, callTypes);
  const results = idsOf(items, resultTypes);
  for (const id of results) {
    if (!calls.has(id)) return invalid(`No tool call found for function call output with call_id ${id}.`);
  }
  for (const id of calls) {
    if (!results.has(id)) return invalid(`No tool output found for function call ${id}.`);
  }
  return undefined;
}

const callTypes = new Set<unknown>(['function_call', 'custom_tool_call']);
const resultTypes = new Set<unknown>(['function_call_output', 'custom_tool_call_output']);

function idsOf(items: readonly unknown[], types: ReadonlySet<unknown>): Set<string> {
  const wanted = items.filter((item) => types.has(fieldOf(item, 'type')));
  return new Set(wanted.map((item) => String(fieldOf(item, 'call_id'))));
}

function invalid(message: string): InvalidAnswer {
  return { kind: 'invalid', message, param: 'input' };
}

function orphan(index: number): InvalidAnswer {
  const message =
    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
  return { kind: 'invalid', message, param: `messages.[${index}].role` };
}

function unanswered(ids: ReadonlySet<string>, index: number): InvalidAnswer {
  const message = `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${[...ids].join(', ')}`;
  return { kind: 'invalid', message, param: `messages.[${index}].role` };
}
