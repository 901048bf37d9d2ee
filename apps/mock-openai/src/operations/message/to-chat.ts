import { fieldOf, listOf, textOf } from '../read-json.ts';

type Body = Readonly<Record<string, unknown>>;

/** Returns the chat that a message request of Claude's API amounts to, so that both are answered alike. */
export function toChat({ system, messages, tools, tool_choice: choice, stop_sequences: stop }: Body): Body {
  const instructions = system === undefined ? [] : [{ role: 'system', content: system }];
  const offered = listOf(tools).map(toChatTool);
  return {
    messages: [...instructions, ...listOf(messages).flatMap(toChatMessages)],
    tools: offered.length === 0 ? undefined : offered,
    tool_choice: toChatChoice(choice),
    parallel_tool_calls: fieldOf(choice, 'disable_parallel_tool_use') !== true,
    stop,
  };
}

/** Tools without a schema are run by the service; the mock has none of these. */
function toChatTool(tool: unknown): unknown {
  const parameters = fieldOf(tool, 'input_schema');
  if (parameters === undefined) return { type: fieldOf(tool, 'type') };
  return { type: 'function', function: { name: fieldOf(tool, 'name'), parameters } };
}

function toChatChoice(choice: unknown): unknown {
  const type = fieldOf(choice, 'type');
  if (type === 'tool') return { type: 'function', function: { name: fieldOf(choice, 'name') } };
  return type === 'any' ? 'required' : type;
}

/** The results of tools are blocks of the user's message here, and messages of their own in a chat. */
function toChatMessages(message: unknown): unknown[] {
  const role = fieldOf(message, 'role');
  const content = fieldOf(message, 'content');
  if (typeof content === 'string') return [{ role, content }];
  const blocks = listOf(content);
  if (role === 'assistant') return [{ role, content: textsIn(blocks), tool_calls: callsIn(blocks) }];
  const results = ofType(blocks, 'tool_result').map((result) => ({
    role: 'tool',
    tool_call_id: fieldOf(result, 'tool_use_id'),
    content: textOf(fieldOf(result, 'content')),
  }));
  const texts = textsIn(blocks);
  return texts.length > 0 || results.length === 0 ? [...results, { role, content: texts }] : results;
}

function callsIn(blocks: readonly unknown[]): unknown[] | undefined {
  const calls = ofType(blocks, 'tool_use').map((call) => ({
    id: fieldOf(call, 'id'),
    type: 'function',
    function: { name: fieldOf(call, 'name'), arguments: JSON.stringify(fieldOf(call, 'input')) },
  }));
  return calls.length === 0 ? undefined : calls;
}

function textsIn(blocks: readonly unknown[]): readonly unknown[] {
  return ofType(blocks, 'text');
}

function ofType(blocks: readonly unknown[], type: string): readonly unknown[] {
  return blocks.filter((block) => fieldOf(block, 'type') === type);
}
