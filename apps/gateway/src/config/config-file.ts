import { readFileSync } from 'node:fs';
import { isMap, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';
import type { ConfigProblem } from './config-error.ts';
import { describeYamlErrors } from './describe-yaml-error.ts';
import type { Environment } from './environment.ts';

/** A configuration file as written, and where in it each key stands. */
export interface ConfigFile {
  /** `undefined` when the file could not be read as a map at all. */
  readonly values: Readonly<Record<string, unknown>> | undefined;
  readonly problems: readonly ConfigProblem[];
  /** Returns the file, line and key of a path, for a message. */
  locate(path: readonly PropertyKey[]): string;
}

/** Reads a YAML (or JSON) file. `${NAME}` in a text stands for the environment variable of that name. */
export function readConfigFile(file: string, env: Environment): ConfigFile {
  let source: string;
  try {
    source = readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    const problem = {
      key: 'SPILLWAY_CONFIG',
      found: `"${file}" (${code})`,
      allowed: 'a file that can be read',
    };
    return { values: undefined, problems: [problem], locate: () => file };
  }
  return parseConfigFile(file, source, env);
}

function parseConfigFile(file: string, source: string, env: Environment): ConfigFile {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => `${file}:${lines.linePos(offset).line}`;
  const problems = describeYamlErrors(document.errors, source, at);
  const isReadable = problems.length === 0 && (document.contents === null || isMap(document.contents));
  if (isReadable) {
    problems.push(...interpolate(document, env, at));
  } else if (problems.length === 0) {
    problems.push({ key: `${file}:1`, found: 'no map', allowed: 'a map of keys such as `backends`' });
  }
  return {
    values: isReadable ? readValues(document, problems, file) : undefined,
    problems,
    locate: (path) => `${at(offsetOf(document, path))} ${renderPath(path)}`.trim(),
  };
}

/** Aliases are resolved here, and may lead nowhere or without end. */
function readValues(document: Document, problems: ConfigProblem[], file: string): ConfigFile['values'] {
  try {
    return (document.toJS() as Record<string, unknown> | null) ?? {};
  } catch {
    problems.push({
      key: file,
      found: 'an alias that cannot be resolved',
      allowed: 'an alias of an anchor above it',
    });
    return undefined;
  }
}

/** Puts the values of variables in place, in the tree rather than in the source: a value can never change the shape. */
function interpolate(document: Document, env: Environment, at: (offset: number) => string): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value !== 'string' || !node.value.includes('${')) return;
      const text = node.value.replace(/\$\{(\w+)\}/g, (_match, variable: string) => {
        const value = env[variable];
        if (value !== undefined) return value;
        const key = `${at(node.range?.[0] ?? 0)} \${${variable}}`;
        problems.push({ key, found: 'no such environment variable', allowed: 'a variable that is set' });
        return `\${${variable}}`;
      });
      // Unquoted, a variable may also hold a number, as in `port: ${PORT}`.
      const isNumber = node.type === 'PLAIN' && /^\d+(?:\.\d+)?$/.test(text);
      node.value = isNumber ? Number(text) : text;
    },
  });
  return problems;
}

/** Returns the offset of the key, or of the innermost node around it that exists. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const parent = document.getIn(path.slice(0, length - 1), true) ?? document.contents;
    const key = path[length - 1];
    const pair = isMap(parent)
      ? parent.items.find(({ key: node }) => isScalar(node) && node.value === key)
      : undefined;
    const node = pair?.key ?? document.getIn(path.slice(0, length), true);
    const range = (node as { range?: [number, number, number] } | undefined)?.range;
    if (range) return range[0];
  }
  return 0;
}

function renderPath(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}
