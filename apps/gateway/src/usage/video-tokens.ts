import { findFormFields, isForm } from '../body/form-field.ts';
import { readMembers, valueOf } from '../body/read-members.ts';
import { TOKENS_PER_IMAGE } from './estimate-tokens.ts';

/** A second of a video costs at least as much as an image. */
const TOKENS_PER_SECOND = TOKENS_PER_IMAGE;
/** The API's defaults. A new version of a video is as long as the old one, which is not known here. */
const USUAL_SECONDS: Readonly<Record<string, number>> = { videos: 4, 'video/generations/jobs': 5 };
const LONGEST_SECONDS = 20;
const MAX_VARIANTS = 16;
const SECONDS = ['seconds', 'n_seconds'];
const VARIANTS = ['n_variants'];
const WANTED: ReadonlySet<string> = new Set([...SECONDS, ...VARIANTS]);

/** Returns the tokens that the requested videos count as: no answer reports any. */
export function videoTokens(operation: string, body: Buffer, contentType: string | undefined): number {
  const find = isForm(contentType) ? formFields(body, contentType) : jsonFields(body);
  const seconds = find(SECONDS, LONGEST_SECONDS) ?? USUAL_SECONDS[operation] ?? LONGEST_SECONDS;
  return seconds * (find(VARIANTS, MAX_VARIANTS) ?? 1) * TOKENS_PER_SECOND;
}

/** Finds the largest number in some fields, at most `most`; undefined if there is none. */
type FindNumber = (names: readonly string[], most: number) => number | undefined;

function formFields(body: Buffer, contentType: string): FindNumber {
  return (names, most) => {
    const ranges = names.flatMap((name) => findFormFields(body, contentType, name));
    return largest(
      ranges.map(({ start, end }) => body.toString('latin1', start, Math.min(end, start + 16))),
      most,
    );
  };
}

function jsonFields(body: Buffer): FindNumber {
  const members = readMembers(body, WANTED);
  return (names, most) => {
    // It is unknown which one the backend reads.
    if (names.some((name) => members?.repeated.has(name))) return most;
    return largest(
      names.map((name) => valueOf(body, members?.byKey.get(name))),
      most,
    );
  };
}

function largest(values: readonly unknown[], most: number): number | undefined {
  const numbers = values
    .map((value) => (typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN))
    .filter((number) => number > 0);
  return numbers.length === 0 ? undefined : Math.min(most, Math.max(...numbers));
}
