import { fieldOf, listOf } from '../read-json.ts';

/** A tool that the client runs itself. */
export interface Tool {
  /** Its input: JSON that satisfies `parameters`, or any text. */
  readonly kind: 'function' | 'custom';
  readonly name: string;
  readonly parameters: unknown;
}

/** The meaning of `tool_choice`. */
export interface ToolChoice {
  readonly mode: 'none' | 'auto' | 'required';
  /** The only tools that may be called; all when left out. */
  readonly names?: readonly string[] | undefined;
  /** Whether it names one tool, and so calls it. */
  readonly isNamed: boolean;
}

/**
 * Reads the tools of a chat (`{ type, function: { name } }`) or of a response (`{ type, name }`); tools that the
 * service runs are left out.
 */
export function readTools(given: unknown): Tool[] {
  return listOf(given).flatMap((tool) => {
    const kind = fieldOf(tool, 'type');
    if (kind !== 'function' && kind !== 'custom') return [];
    const about = fieldOf(tool, kind) ?? tool;
    const name = fieldOf(about, 'name');
    return typeof name === 'string' ? [{ kind, name, parameters: fieldOf(about, 'parameters') }] : [];
  });
}

/** Reads `tool_choice` in the shape of chats or of responses. */
export function readToolChoice(given: unknown): ToolChoice {
  if (given === 'none' || given === 'required') return { mode: given, isNamed: false };
  const type = fieldOf(given, 'type');
  if (type === 'function' || type === 'custom') {
    const name = nameOf(given);
    return { mode: 'required', names: name === undefined ? [] : [name], isNamed: true };
  }
  if (type === 'allowed_tools') {
    const allowed = fieldOf(given, 'allowed_tools') ?? given;
    const mode = fieldOf(allowed, 'mode') === 'required' ? 'required' : 'auto';
    const names = listOf(fieldOf(allowed, 'tools')).map(nameOf);
    return { mode, names: names.filter((name) => name !== undefined), isNamed: false };
  }
  // Anything else names a tool that the service runs; the mock has none of these.
  return { mode: typeof given === 'object' && given !== null ? 'none' : 'auto', isNamed: false };
}

function nameOf(tool: unknown): string | undefined {
  const about = fieldOf(tool, String(fieldOf(tool, 'type'))) ?? tool;
  const name = fieldOf(about, 'name');
  return typeof name === 'string' ? name : undefined;
}
