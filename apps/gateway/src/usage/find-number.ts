import { findFormFields, isForm } from '../body/form-field.ts';
import { readMembers, valueOf } from '../body/read-members.ts';

/**
 * Finds the largest number in some fields of a request, at most `most`, which it also is where JSON has a field twice:
 * it is unknown which one the backend reads. Undefined if there is none above zero.
 */
export type FindNumber = (names: readonly string[], most: number) => number | undefined;

/**
 * Creates the function that finds numbers in a body, in JSON or in a form.
 *
 * @param wanted all names that it is asked for
 */
export function findNumberIn(
  body: Buffer,
  contentType: string | undefined,
  wanted: ReadonlySet<string>,
): FindNumber {
  return isForm(contentType) ? inForm(body, contentType) : inJson(body, wanted);
}

function inForm(body: Buffer, contentType: string): FindNumber {
  return (names, most) => {
    const ranges = names.flatMap((name) => findFormFields(body, contentType, name));
    return largest(
      ranges.map(({ start, end }) => body.toString('latin1', start, Math.min(end, start + 16))),
      most,
    );
  };
}

function inJson(body: Buffer, wanted: ReadonlySet<string>): FindNumber {
  const members = readMembers(body, wanted);
  return (names, most) => {
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
