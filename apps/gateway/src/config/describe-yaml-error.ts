import type { YAMLError, YAMLWarning } from 'yaml';
import type { ConfigProblem } from './config-error.ts';

/** The meaning of a parser's complaint for the author of the file: what is there, and what to write instead. */
type Meaning = readonly [found: string, allowed: string];

const MEANINGS: Partial<Record<YAMLError['code'], Meaning>> = {
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
  BAD_SCALAR_START: ['a text that begins with a special character of YAML', 'quotes around it'],
  BAD_DQ_ESCAPE: ['a backslash in double quotes that means nothing', 'single quotes around the text'],
  DUPLICATE_KEY: ['the same key a second time', 'each key once'],
  MULTIPLE_DOCS: ['a second document after ---', 'one document'],
  TAG_RESOLVE_FAILED: [
    'a tag such as !secret or !Ref, which means nothing here',
    'a plain value, or a text in quotes',
  ],
  BAD_ALIAS: ['a text that begins with * or &', 'quotes around it'],
};
const BESIDE = 'the same indent as the keys or items beside it';
/** One code of the parser covers several mistakes; its messages tell them apart. */
const BY_MESSAGE: readonly (readonly [message: RegExp, meaning: Meaning])[] = [
  [/^Implicit map keys/, ['a line without a colon and a space', '`key: value`']],
  [
    /^(?:Sequence item without|All \w+ items must)/,
    ['a line that is indented too much or too little', BESIDE],
  ],
];
const TOO_DEEP = ['a line that is indented too much', BESIDE] as const;
const ODD_SPACE = ['an indent with spaces of another kind', 'plain spaces'] as const;
const OTHER = ['something that is not YAML', 'lines of `key: value`, indented by spaces'] as const;

/** An unquoted variable, where braces mean a map. */
const UNQUOTED = /(?:^|[\s{[,:])(\$\{\w+\})/;

/**
 * Describes why a file is not YAML. After one mistake the parser complains repeatedly, so only the first complaint
 * counts; each duplicate key is a mistake of its own.
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
  if (tab !== -1 && tab <= first.pos[0]) return [problem(at(tab), MEANINGS.TAB_AS_INDENT)];
  const odd = findOddSpace(source);
  if (odd !== -1 && odd <= first.pos[0]) return [problem(at(odd), ODD_SPACE)];
  const variable = UNQUOTED.exec(lineAt(source, first.pos[0]))?.[1];
  if (variable !== undefined) {
    const found = `${variable} without quotes inside { } or [ ]`;
    return [problem(at(first.pos[0]), [found, `"${variable}", in quotes`])];
  }
  const deeper = findDeeperLine(errors, source);
  return [deeper === undefined ? describe(first, at) : problem(at(deeper), TOO_DEEP)];
}

/** Describes an indent that the parser takes for part of the text after it. */
export function describeOddSpace(source: string, at: (offset: number) => string): ConfigProblem[] {
  const odd = findOddSpace(source);
  return odd === -1 ? [] : [problem(at(odd), ODD_SPACE)];
}

/** Finds a space character of web pages and word processors at the beginning of a line. */
function findOddSpace(source: string): number {
  return source.search(/^ *[\u00a0\u2000-\u200b\u3000]/m);
}

function lineAt(source: string, offset: number): string {
  const start = source.lastIndexOf('\n', offset - 1) + 1;
  return source.slice(start).split('\n', 1)[0] ?? '';
}

/** A line that is indented more than the value before it continues that value, until its own colon. */
function findDeeperLine(
  [first, second]: readonly (YAMLError | YAMLWarning)[],
  source: string,
): number | undefined {
  const isOne =
    first?.code === 'BLOCK_AS_IMPLICIT_KEY' &&
    second?.code === 'MULTILINE_IMPLICIT_KEY' &&
    second.pos[0] === first.pos[0];
  return isOne ? source.indexOf('\n', first.pos[0]) + 1 : undefined;
}

function describe(
  { code, pos, message }: YAMLError | YAMLWarning,
  at: (offset: number) => string,
): ConfigProblem {
  const known = BY_MESSAGE.find(([pattern]) => pattern.test(message));
  return problem(at(pos[0]), known?.[1] ?? MEANINGS[code]);
}

function problem(key: string, [found, allowed]: Meaning = OTHER): ConfigProblem {
  return { key, found, allowed };
}
