import type { InvalidAnswer } from '../../calls/model-call.ts';

const modes = ['none', 'auto', 'required'];

/** Returns the error of a chat that offers or chooses tools in a way that the service refuses. */
export function checkTools(body: Readonly<Record<string, unknown>>): InvalidAnswer | undefined {
  const { tools, tool_choice: choice } = body;
  if (Array.isArray(tools) && tools.length === 0) {
    const message =
      "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.";
    return { kind: 'invalid', message, param: 'tools', code: 'empty_array' };
  }
  if (choice === undefined || choice === null) return undefined;
  if (tools === undefined || tools === null) {
    const message =
      "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.";
    return { kind: 'invalid', message, param: 'tool_choice' };
  }
  return typeof choice === 'string' && !modes.includes(choice)
    ? unsupported('tool_choice', choice, modes)
    : undefined;
}

/** Returns the error of a parameter with an unsupported value. */
export function unsupported(param: string, value: unknown, supported: readonly string[]): InvalidAnswer {
  const names = supported.map((one) => `'${one}'`);
  const list = `${names.slice(0, -1).join(', ')}, and ${names.at(-1) ?? ''}`;
  const message = `Invalid value: '${String(value)}'. Supported values are: ${list}.`;
  return { kind: 'invalid', message, param, code: 'invalid_value' };
}
