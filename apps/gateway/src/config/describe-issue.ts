import type { z } from 'zod';
import type { ConfigProblem } from './config-error.ts';
import { hasPlaceholder, isReference } from './fields.ts';
import { allowedKeys, meantBy } from './meant-key.ts';

/** Where a user can change the value at a path: the variable that set or could set it, or its line in the file. */
export interface Place {
  readonly key: string;
  readonly allowed?: string | undefined;
  /** The text of the variable, where the value was calculated from it. */
  readonly written?: string | undefined;
}

/** A key with a colon and no space after it is read as part of the key's name. */
const LONGEST_SHOWN_KEY = 24;

const VARIABLE_IN_FILE = {
  found: 'the name of a variable',
  allowed: 'keys such as `backends`; variables belong in the environment',
};

type Issue = z.core.$ZodIssue;
type Locate = (path: readonly PropertyKey[]) => Place;

/** Turns the schema's complaints into the problems shown to a user: one for each mistake. */
export function describeIssues(
  issues: readonly Issue[],
  input: Record<string, unknown>,
  locate: Locate,
): ConfigProblem[] {
  const meant = new Set(
    issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => pathText([...issue.path, meantBy(key, allowedKeys(issue.path)) ?? '']))
        : [],
    ),
  );
  const isForeign = issues.some((issue) => isOfAnother(issue, input));
  const isTold = ({ path }: Issue) =>
    valueAt(input, path) === undefined &&
    (meant.has(pathText(path)) || (isForeign && path.length === 1 && path[0] === 'backends'));
  return issues.filter((issue) => !isTold(issue)).flatMap((issue) => describeIssue(issue, input, locate));
}

/** Returns whether a file is of another program, or has a comment of a kind that YAML does not know. */
function isOfAnother(issue: Issue, input: Record<string, unknown>): boolean {
  if (issue.code !== 'unrecognized_keys' || issue.path.length > 0) return false;
  const { keys } = issue;
  return keys.some((key) => key.startsWith('//')) || Object.keys(input).every((key) => keys.includes(key));
}

/** Matches the name of a variable, which belongs in the environment. */
const VARIABLE = /^[A-Z][A-Z\d]*_[A-Z\d_]+$/;

function pathText(path: readonly PropertyKey[]): string {
  return path.join('.');
}

function describeIssue(issue: Issue, input: Record<string, unknown>, locate: Locate): ConfigProblem[] {
  if (issue.code === 'unrecognized_keys') {
    const known = allowedKeys(issue.path);
    const [variable, ...others] = issue.keys.filter((key) => VARIABLE.test(key));
    return issue.keys
      .filter((key) => !others.includes(key))
      .map((key) => {
        const shown = key.length <= LONGEST_SHOWN_KEY ? key : '(a long key)';
        const nearest = meantBy(key, known);
        if (key.startsWith('//'))
          return {
            key: locate(issue.path).key,
            found: 'a comment that begins with //',
            allowed: 'one with #',
          };
        if (key === variable) return { key: locate([...issue.path, shown]).key, ...VARIABLE_IN_FILE };
        const found = nearest === undefined ? 'an unknown key' : `an unknown key (did you mean ${nearest}?)`;
        return { key: locate([...issue.path, shown]).key, found, allowed: `one of ${known.join(', ')}` };
      });
  }
  const value = valueAt(input, issue.path);
  // Where a map or "off" is allowed, a map's problems are those of its keys.
  const ofMap = issue.code === 'invalid_union' && isMap(value) ? (issue.errors.at(-1) ?? []) : [];
  if (ofMap.length > 0) {
    const within = ofMap.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
    return within.flatMap((inner) => describeIssue(inner, input, locate));
  }
  const { key, allowed = issue.message, written } = locate(issue.path);
  const found = describeFound(value, issue.path, allowed);
  return [
    {
      key,
      found: written === undefined ? found : quoteShort(written),
      allowed: allowed + detailOf(issue, value),
    },
  ];
}

/** Returns what to add to the allowed values where the value found is of another type. */
function detailOf(issue: Issue, value: unknown): string {
  if (issue.code !== 'invalid_type') return '';
  if (issue.expected === 'string') return isScalar(value) ? ', in quotes' : '';
  const keys = issue.expected === 'object' ? allowedKeys(issue.path) : [];
  return keys.length === 0 ? '' : `; its keys are ${keys.join(', ')}`;
}

/** Returns whether YAML read a value as something else than a text. */
function isScalar(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns the value at a path; undefined if there is none. */
export function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key],
    input,
  );
}

/** Keys whose values are never shown. */
const SECRETS: readonly unknown[] = ['apiKey', 'clientSecret', 'key', 'keys', 'sha256', 'token', 'url'];

/** Describes the value found, without repeating a possible secret, in whichever field it ended up by mistake. */
function describeFound(value: unknown, path: readonly PropertyKey[], allowed: string): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object')
    return allowed.startsWith('a map with') ? 'a map with none of these' : 'a map';
  if (typeof value === 'string' && value.trim() === '') return 'an empty text';
  const isSecret = SECRETS.includes(path.findLast((key) => typeof key === 'string'));
  if (typeof value !== 'string') return isSecret ? `a ${typeof value} (not shown)` : JSON.stringify(value);
  if (isSecret) return `${describeText(value)} (not shown)`;
  return IS_NUMBER.test(value) ? `${quoteShort(value)} in quotes` : quoteShort(value);
}

const IS_NUMBER = /^-?\d+(?:\.\d+)?$/;
/** A number with a unit, or with separators between its digits. */
const LIKE_NUMBER = /^\d[\d.,_' ]{0,16} ?(?:[a-z%]{1,8}|\/tcp)?$/i;

/** Quotes a text only if it is too short to be one of Azure's keys. */
function quoteShort(text: string): string {
  if (/^[\w.-]{1,16}$/.test(text) || LIKE_NUMBER.test(text)) return `"${text}"`;
  return `${describeText(text)} (not shown)`;
}

/** Describes a text only by properties that are no part of any key. */
function describeText(text: string): string {
  if (text.startsWith('spw_')) return 'the key itself';
  if (/\s#/.test(text)) return 'a text with a comment behind it';
  if (/[\u2018-\u201f\u00ab\u00bb]/.test(text)) return 'a text in typographic quotes';
  if (hasPlaceholder(text)) return 'a placeholder in brackets';
  if (isReference(text)) return 'a reference that nothing has put a value in place of';
  if (/[<>]/.test(text)) return 'a text with < or >';
  return 'a text';
}
