import { required } from '../calls/object-kind.ts';
import { fieldOf, textOf } from './read-json.ts';
import { readStops } from './stop-sequences.ts';
import { checkChatResults } from './tools/check-tool-results.ts';
import { checkTools, unsupported } from './tools/check-tools.ts';
import { readToolChoice, readTools } from './tools/tool.ts';
import type { InvalidAnswer } from '../calls/model-call.ts';
import type { Asked, TextFormat } from './say.ts';
import type { ToolsAsked } from './tools/choose-calls.ts';

type Body = Readonly<Record<string, unknown>>;

const formats = ['json_object', 'json_schema', 'text'];
const maxChoices = 128;
const maxAlternatives = 20;

/** How a chat is to be answered. */
export interface ChatAsked extends Asked {
  /** How many answers. */
  readonly choices: number;
  /** How many alternatives each token's `logprobs` have; undefined when these are not asked for. */
  readonly alternatives: number | undefined;
}

/** Reads the options of a chat besides its prompt, or what is wrong with them. */
export function readChat(body: Body, messages: readonly unknown[]): ChatAsked | InvalidAnswer {
  const wrong = checkTools(body) ?? checkChatResults(messages);
  if (wrong !== undefined) return wrong;
  const format = readFormat(body['response_format']);
  if (format.kind === 'invalid') return format;
  const choices = readCount(body['n'] ?? 1, 'n', 1, maxChoices);
  if (typeof choices !== 'number') return choices;
  const hasLogprobs = body['logprobs'] === true;
  const alternatives = readCount(body['top_logprobs'] ?? 0, 'top_logprobs', 0, maxAlternatives);
  if (typeof alternatives !== 'number') return alternatives;
  const stops = readStops(body['stop']);
  if ('kind' in stops) return stops;
  const tools = toolsAsked(body, messages);
  return { tools, format, stops, choices, alternatives: hasLogprobs ? alternatives : undefined };
}

function toolsAsked(body: Body, messages: readonly unknown[]): ToolsAsked | undefined {
  if (body['tools'] === undefined) return undefined;
  const tools = readTools(body['tools']);
  if (tools.length === 0) return undefined;
  const roles = messages.map((message) => fieldOf(message, 'role'));
  const last = roles.findLast((role) => role !== 'system' && role !== 'developer');
  return {
    tools,
    choice: readToolChoice(body['tool_choice']),
    isParallel: body['parallel_tool_calls'] !== false,
    isUsersTurn: last === 'user',
    text: textOf(fieldOf(messages[roles.lastIndexOf('user')], 'content')),
  };
}

function readFormat(given: unknown): TextFormat | InvalidAnswer {
  switch (fieldOf(given, 'type')) {
    case 'json_object':
      return { kind: 'json' };
    case 'json_schema': {
      const about = fieldOf(given, 'json_schema');
      if (typeof fieldOf(about, 'name') !== 'string') return required('response_format.json_schema.name');
      return { kind: 'schema', schema: fieldOf(about, 'schema') };
    }
    case undefined:
    case 'text':
      return { kind: 'text' };
    default:
      return unsupported('response_format.type', fieldOf(given, 'type'), formats);
  }
}

function readCount(given: unknown, param: string, least: number, most: number): number | InvalidAnswer {
  if (Number.isInteger(given) && Number(given) >= least && Number(given) <= most) return Number(given);
  const message = `Invalid '${param}': expected an integer from ${least} to ${most}, but got ${JSON.stringify(given)} instead.`;
  return { kind: 'invalid', message, param };
}
