import type { YAMLError, YAMLWarning } from 'yaml';
import type { ConfigProblem } from './config-error.ts';

/** What a parser's complaint means to whoever wrote the file: what is there, and what to write instead. */
const MEANINGS: Partial<Record<YAMLError['code'], readonly [found: string, allowed: string]>> = {
  TAB_AS_INDENT: ['a tab that indents', 'spaces instead of tabs'],
  BAD_INDENT: [
    'a line that is indented too little, or a bracket before it that is not closed',
    'more spaces than the line it belongs to, and a closing bracket for each opening one',
  ],
  MISSING_CHAR: ['a quote, bracket or comma that is missing', 'a closing one for each opening one'],
  BLOCK_AS_IMPLICIT_KEY: [
    'a second key in one line',
    'one key a line, or quotes around a value that has ": "',
  ],
  BLOCK_IN_FLOW: ['a list or map in lines inside brackets', 'brackets inside brackets'],
  MULTILINE_IMPLICIT_KEY: ['a line without a colon and a space', '`key: value`'],
  BAD_SCALAR_START: ['a text that begins with a sign of YAML’s own', 'quotes around it'],
  BAD_DQ_ESCAPE: ['a backslash in double quotes that means nothing', 'single quotes around the text'],
  DUPLICATE_KEY: ['the same key a second time', 'each key once'],
  MULTIPLE_DOCS: ['a second document after ---', 'one document'],
  TAG_RESOLVE_FAILED: [
    'a tag such as !secret or !Ref, which means nothing here',
    'a plain value, or a text in quotes',
  ],
  BAD_ALIAS: ['a text that begins with * or &', 'quotes around it'],
};
/** The parser misses a colon as it misses a bracket. */
const NO_COLON = ['a line without a colon and a space', '`key: value`'] as const;
const OTHER = ['something that is not YAML', 'lines of `key: value`, indented by spaces'] as const;

/** A variable that is not in quotes, where braces mean a map. */
const UNQUOTED = /(?:^|[\s{[,:])(\$\{\w+\})/;

/**
 * Describes why a file is not YAML. One mistake makes the parser complain again and again after it, so only the first
 * complaint counts; keys that are there twice are each a mistake of their own.
 */
export function describeYamlErrors(
  errors: readonly (YAMLError | YAMLWarning)[],
  source: string,
  at: (offset: number) => string,
): ConfigProblem[] {
  const [first] = errors;
  if (first === undefined) return [];
  if (first.code === 'DUPLICATE_KEY')
    return errors.filter(({ code }) => code === 'DUPLICATE_KEY').map((error) => describe(error, at));
  const tab = source.search(/^ *\t/m);
  if (tab !== -1 && tab <= first.pos[0]) {
    const [found, allowed] = MEANINGS.TAB_AS_INDENT ?? OTHER;
    return [{ key: at(tab), found, allowed }];
  }
  const lineStart = source.lastIndexOf('\n', first.pos[0] - 1) + 1;
  const line = source.slice(lineStart).split('\n', 1)[0] ?? '';
  const variable = UNQUOTED.exec(line)?.[1];
  if (variable === undefined) return [describe(first, at)];
  const found = `${variable} without quotes inside { } or [ ]`;
  return [{ key: at(first.pos[0]), found, allowed: `"${variable}", in quotes` }];
}

function describe(
  { code, pos, message }: YAMLError | YAMLWarning,
  at: (offset: number) => string,
): ConfigProblem {
  const isColonMissing = code === 'MISSING_CHAR' && message.startsWith('Implicit map keys');
  const [found, allowed] = isColonMissing ? NO_COLON : (MEANINGS[code] ?? OTHER);
  return { key: at(pos[0]), found, allowed };
}
