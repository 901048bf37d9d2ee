import { isMap, isScalar, LineCounter, parseDocument, type Document, type YAMLWarning } from 'yaml';
import type { ConfigProblem } from './config-error.ts';
import { describeAliases } from './describe-aliases.ts';
import { describeOddSpace, describeYamlErrors } from './describe-yaml-error.ts';
import type { Environment } from './environment.ts';
import { readNow } from './file-reading.ts';
import { describeTemplates, interpolate } from './placeholders.ts';

/** A configuration file as written, and the place of each key in it. */
export interface ConfigFile {
  /** Its content; undefined if it cannot be read. */
  readonly bytes: Buffer | undefined;
  /** `undefined` when the file is no map at all. */
  readonly values: Readonly<Record<string, unknown>> | undefined;
  readonly problems: readonly ConfigProblem[];
  /** Returns the file, line and key of a path, for a message. */
  locate(path: readonly PropertyKey[]): string;
  /** Returns whether the value at a place has a placeholder whose problem is reported already. */
  isTold(place: string): boolean;
}

/**
 * Reads a YAML (or JSON) file. `${NAME}` in a text stands for the environment variable of that name.
 *
 * @param read its bytes, where they were read already
 */
export function readConfigFile(file: string, env: Environment, read?: Buffer): ConfigFile {
  const { bytes, code } = read === undefined ? readNow(file) : { bytes: read, code: undefined };
  if (bytes === undefined) return unreadable(file, describeUnreadable(file, code));
  const found = 'a file in UTF-16, or no text at all';
  if (bytes.includes(0)) return unreadable(file, { key: file, found, allowed: 'a text in UTF-8' });
  return { bytes, ...parseConfigFile(file, bytes.toString('utf8'), env) };
}

/**
 * Describes a file that the system refuses to read, with its code such as `ENOENT`.
 *
 * @param key the key or variable that names it
 */
export function describeUnreadable(
  file: string,
  code = 'unreadable',
  key = 'SPILLWAY_CONFIG',
): ConfigProblem {
  return { key, found: `"${file}" (${code})`, allowed: 'a file that can be read' };
}

function unreadable(file: string, problem: ConfigProblem): ConfigFile {
  return {
    bytes: undefined,
    values: undefined,
    problems: [problem],
    locate: () => file,
    isTold: () => false,
  };
}

/** Matches lines of a shell script or an env file. */
const VARIABLE_LINE = /^(?:export )?[A-Z_][A-Z0-9_]*=/m;

function describeNoMap(file: string, source: string): ConfigProblem {
  const key = `${file}:1`;
  if (!VARIABLE_LINE.test(source))
    return { key, found: 'no map', allowed: 'a map of keys such as `backends`' };
  const allowed = 'lines of `key: value`; variables belong in the environment';
  return { key, found: 'lines of NAME=value', allowed };
}

function parseConfigFile(file: string, source: string, env: Environment): Omit<ConfigFile, 'bytes'> {
  const lines = new LineCounter();
  const document = parseDocument(source, {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
    // Tags of sets and of ordered maps would make values without keys, which then do nothing.
    resolveKnownTags: false,
  });
  const at = (offset: number) => `${file}:${lines.linePos(offset).line}`;
  const problems = describeYamlErrors([...document.errors, ...document.warnings.filter(isOfTag)], source, at);
  if (problems.length === 0)
    problems.push(...describeOddSpace(source, at), ...describeTemplates(document, at));
  const told: string[] = [];
  const isReadable = problems.length === 0 && (document.contents === null || isMap(document.contents));
  if (isReadable) {
    const slips = interpolate(document, env, at);
    told.push(...slips.map(({ place }) => place));
    problems.push(...slips.map(({ problem }) => problem));
  } else if (problems.length === 0) {
    problems.push(describeNoMap(file, source));
  }
  return {
    values: isReadable ? readValues(document, problems, at) : undefined,
    problems,
    isTold: (key) => told.some((place) => key === place || key.startsWith(`${place} `)),
    locate: (path) => `${at(offsetOf(document, path))} ${renderPath(path)}`.trim(),
  };
}

/** The parser then takes the value as if there were no tag. */
function isOfTag({ code }: YAMLWarning): boolean {
  return code === 'TAG_RESOLVE_FAILED';
}

/** Resolves aliases, which may lead nowhere or be endless. */
function readValues(
  document: Document,
  problems: ConfigProblem[],
  at: (offset: number) => string,
): ConfigFile['values'] {
  try {
    return (document.toJS() as Record<string, unknown> | null) ?? {};
  } catch {
    problems.push(describeAliases(document, at));
    return undefined;
  }
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
