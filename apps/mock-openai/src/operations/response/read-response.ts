import { required } from '../../calls/object-kind.ts';
import { fieldOf, listOf, textOf } from '../read-json.ts';
import { readToolChoice, readTools } from '../tools/tool.ts';
import type { InvalidAnswer } from '../../calls/model-call.ts';
import type { ObjectBody } from '../../stored/stored-object.ts';
import type { Asked, TextFormat } from '../say.ts';
import type { ToolsAsked } from '../tools/choose-calls.ts';

/** The options of a response. */
export interface ResponseAsked extends Asked {
  /** Whether the model is asked to think first, so that a reasoning item comes first. */
  readonly reasons: boolean;
  /** Whether the reasoning is sealed for the client to keep. */
  readonly isSealed: boolean;
  /** Whether a summary of the reasoning is asked for. */
  readonly hasSummary: boolean;
  /** How many alternatives each token's `logprobs` have; undefined when these are not asked for. */
  readonly alternatives: number | undefined;
}

/** Reads the options of a call for a response besides its prompt, or what is wrong with them. */
export function readResponse(body: ObjectBody, items: readonly ObjectBody[]): ResponseAsked | InvalidAnswer {
  const format = readFormat(fieldOf(body['text'], 'format'));
  if (format.kind === 'invalid') return format;
  if (body['tool_choice'] === 'required' && listOf(body['tools']).length === 0) {
    const message = "Tool choice 'required' must be specified with 'tools' parameter.";
    return { kind: 'invalid', message, param: 'tool_choice' };
  }
  const include = listOf(body['include']);
  const { reasoning } = body;
  const isSealed = include.includes('reasoning.encrypted_content');
  const summary = fieldOf(reasoning, 'summary') ?? fieldOf(reasoning, 'generate_summary') ?? null;
  const alternatives = Number(body['top_logprobs'] ?? 0);
  return {
    tools: toolsAsked(body, items),
    format,
    reasons: isSealed || (typeof reasoning === 'object' && reasoning !== null),
    isSealed,
    hasSummary: summary !== null,
    alternatives: include.includes('message.output_text.logprobs') ? alternatives : undefined,
  };
}

function toolsAsked(body: ObjectBody, items: readonly ObjectBody[]): ToolsAsked | undefined {
  const tools = readTools(body['tools']);
  if (tools.length === 0) return undefined;
  const last = items.findLast(({ role }) => role !== 'system' && role !== 'developer');
  return {
    tools,
    choice: readToolChoice(body['tool_choice']),
    isParallel: body['parallel_tool_calls'] !== false,
    isUsersTurn: last?.['role'] === 'user',
    text: textOf(items.findLast(({ role }) => role === 'user')?.['content']),
  };
}

function readFormat(given: unknown): TextFormat | InvalidAnswer {
  switch (fieldOf(given, 'type')) {
    case 'json_object':
      return { kind: 'json' };
    case 'json_schema':
      if (typeof fieldOf(given, 'name') !== 'string') return required('text.format.name');
      return { kind: 'schema', schema: fieldOf(given, 'schema') };
    default:
      return { kind: 'text' };
  }
}
