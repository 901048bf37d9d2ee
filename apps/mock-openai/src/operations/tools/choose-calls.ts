import { makeId } from '../make-id.ts';
import { sampleJson } from './sample-json.ts';
import type { InvalidAnswer } from '../../calls/model-call.ts';
import type { Tool, ToolChoice } from './tool.ts';

/** A call of a tool that the client is asked to run. */
export interface ToolCall {
  readonly kind: Tool['kind'];
  /** The id that the client's result will name. */
  readonly id: string;
  readonly name: string;
  /** A function's arguments, as JSON, or the input text of a custom tool. */
  readonly input: string;
}

/** The inputs that the calls depend on. */
export interface ToolsAsked {
  readonly tools: readonly Tool[];
  readonly choice: ToolChoice;
  /** Whether several may be called at once. */
  readonly isParallel: boolean;
  /** Whether the last message is the user's; otherwise it is a tool's, or the model's own. */
  readonly isUsersTurn: boolean;
  /** The user's last message. */
  readonly text: string;
}

/**
 * Chooses the tools to call: those that the user's last message names, else the first. `name({"city":"Oslo"})` in the
 * message gives the arguments; all others are made from the tool's schema.
 */
export function chooseCalls(asked: ToolsAsked): readonly ToolCall[] | InvalidAnswer {
  const { tools, choice, isParallel, isUsersTurn, text } = asked;
  const { mode, names, isNamed } = choice;
  const allowed = names === undefined ? tools : tools.filter(({ name }) => names.includes(name));
  if (isNamed && allowed.length === 0) {
    const message = `Tool choice '${names?.[0] ?? ''}' not found in 'tools' parameter.`;
    return { kind: 'invalid', message, param: 'tool_choice' };
  }
  if (mode === 'none' || (mode === 'auto' && !isUsersTurn)) return [];
  const wanted = allowed.flatMap((tool) => callsInText(tool, text));
  const [first] = allowed;
  const calls = wanted.length > 0 || first === undefined ? wanted : [toCall(first, undefined)];
  return isParallel ? calls : calls.slice(0, 1);
}

/** Each occurrence of a name followed by a bracket is a call; a name that is only mentioned is one call. */
function callsInText(tool: Tool, text: string): ToolCall[] {
  const ends = endsOf(tool.name, text);
  const explicit = ends.filter((end) => text[end] === '(');
  if (explicit.length === 0) return ends.slice(0, 1).map(() => toCall(tool, undefined));
  return explicit.map((end) => toCall(tool, readInput(text.slice(end + 1))));
}

/** Finds where a name ends, wherever it stands as a word of its own. */
function endsOf(name: string, text: string): number[] {
  const ends: number[] = [];
  if (name === '') return ends;
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const end = at + name.length;
    if (!isWord(text[at - 1]) && !isWord(text[end])) ends.push(end);
  }
  return ends;
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /[\w-]/.test(character);
}

/** Reads the JSON before a closing bracket, whichever bracket that is. */
function readInput(rest: string): unknown {
  for (let end = rest.indexOf(')'); end >= 0; end = rest.indexOf(')', end + 1)) {
    try {
      return JSON.parse(rest.slice(0, end));
    } catch {
      continue;
    }
  }
  return undefined;
}

function toCall({ kind, name, parameters }: Tool, given: unknown): ToolCall {
  return { kind, id: makeId('call_'), name, input: inputOf(kind, parameters, given) };
}

function inputOf(kind: Tool['kind'], parameters: unknown, given: unknown): string {
  if (typeof given === 'string') return given;
  if (given !== undefined) return JSON.stringify(given);
  return kind === 'custom' ? 'Hello' : sampleJson(parameters);
}
