import type { ConfigProblem } from './config-error.ts';

/**
 * Forms that no key, secret or encoded certificate has: a path from a root or from here, a file's name with its
 * extension, folders and a name without capitals or digits, or a short name.
 */
const PATHS = [
  /^(?:~?\.{0,2}[/\\]|[a-z]:[/\\])[^\r\n+=]{0,255}$/i,
  /^[\w-][\w. -]{0,31}(?:[/\\][\w. -]{1,32})*\.[a-z]{1,8}$/i,
  /^[a-z][a-z._-]{0,63}(?:[/\\][a-z._-]{1,63}){1,8}$/,
  /^.{0,19}$/,
];

/**
 * Describes a value that names a file which cannot be used. It is only shown if it surely is a path, as the file's
 * content, such as a key, may stand in its place.
 */
export function describePath(
  value: string,
  reason: string,
): Required<Pick<ConfigProblem, 'found' | 'isFileAbsent'>> {
  const isPath = PATHS.some((form) => form.test(value));
  const found = `${isPath ? `"${value}"` : 'a text (not shown)'} (${reason})`;
  return { found, isFileAbsent: isPath && reason === 'ENOENT' };
}
