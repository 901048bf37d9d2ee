/** A value that users write, in JSON or as text: its allowed values, how it is read, how it is checked. */
export interface Field {
  /** The allowed values, in words that complete "is not …". */
  readonly allowed: string;
  /** Turns text into the value that JSON would hold; text that it cannot read is returned unchanged. */
  readonly read: (text: string) => unknown;
  readonly isValid: (value: unknown) => boolean;
}

/** A whole number between two bounds. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): Field {
  const allowed =
    max === Number.MAX_SAFE_INTEGER
      ? `a whole number of at least ${min}`
      : `a whole number from ${min} to ${max}`;
  const isValid = (value: unknown) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
  return { allowed, read: readNumber, isValid };
}

/** One of a few words. */
export function oneOf(words: readonly string[]): Field {
  const isValid = (value: unknown) => typeof value === 'string' && words.includes(value);
  return { allowed: `one of ${words.join(', ')}`, read: (text) => text, isValid };
}

/** A time: milliseconds in JSON, with its unit in text. */
export const time: Field = {
  allowed: 'a time such as 250ms, 10s or 2m (in JSON: milliseconds, at least 0)',
  read: (text) => readTimeMs(text) ?? text,
  isValid: (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0,
};

/** Any number, or nothing at all. */
export const seconds: Field = {
  allowed: 'a number of seconds, or none (in JSON: false)',
  read: (text) => (text === 'none' ? false : readNumber(text)),
  isValid: (value) => value === false || (typeof value === 'number' && Number.isFinite(value)),
};

/** Any number. */
export const number: Field = {
  allowed: 'a number',
  read: readNumber,
  isValid: (value) => typeof value === 'number' && Number.isFinite(value),
};

/** A number between two bounds, of which the lower may be excluded. */
export function numberFrom(min: number, max = Infinity, excludesMin = false): Field {
  const from = excludesMin ? `above ${min}` : `of at least ${min}`;
  const allowed = max === Infinity ? `a number ${from}` : `a number from ${min} to ${max}`;
  const isValid = (value: unknown) =>
    number.isValid(value) &&
    Number(value) <= max &&
    (excludesMin ? Number(value) > min : Number(value) >= min);
  return { allowed, read: readNumber, isValid };
}

/** The values of another field, or nothing at all: `none` in text, `false` in JSON. */
export function orNone(field: Field): Field {
  return {
    allowed: `${field.allowed}, or none (in JSON: false)`,
    read: (text) => (text === 'none' ? false : field.read(text)),
    isValid: (value) => value === false || field.isValid(value),
  };
}

/** One of a few times. */
export function oneTimeOf(...times: readonly number[]): Field {
  const words = times.map((one) => `${one / 1000}s`).join(', ');
  return {
    allowed: `one of ${words} (in JSON: ${times.join(', ')})`,
    read: time.read,
    isValid: (value) => times.some((one) => one === value),
  };
}

/** A number or a text. */
export const numberOrText: Field = {
  allowed: 'a number or a text',
  read: readNumber,
  isValid: (value) => typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value)),
};

/** A text that is not empty. */
export const text: Field = {
  allowed: 'a text',
  read: (value) => value,
  isValid: (value) => typeof value === 'string' && value !== '',
};

/** True or false. */
export const flag: Field = {
  allowed: 'true or false',
  read: (value) => (value === 'true' ? true : value === 'false' ? false : value),
  isValid: (value) => typeof value === 'boolean',
};

/** Some texts; separated by commas in text. */
export const texts: Field = {
  allowed: 'a list of texts',
  read: (value) => value.split(',').map((one) => one.trim()),
  isValid: (value) => Array.isArray(value) && value.every((one) => text.isValid(one)),
};

/** Anything that JSON can hold. */
export const anything: Field = { allowed: 'anything', read: (value) => value, isValid: () => true };

/** Header names and their values. */
export const headers: Field = {
  allowed: 'an object of valid header names and texts',
  read: (value) => value,
  isValid: (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(value).every(
      ([name, one]) =>
        /^[\w!#$%&'*+.^`|~-]+$/.test(name) && typeof one === 'string' && /^[\t -~\x80-\xff]*$/.test(one),
    ),
};

/** Checks one field; the problem, if there is one, names the place, the value found and the allowed ones. */
export function checkField(field: Field, value: unknown, place: string): string[] {
  return field.isValid(value) ? [] : [`${place}: ${show(value)} is not ${field.allowed}`];
}

/** Shows the value found, in a problem. */
export function show(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}

/** Reads `250ms`, `10s` or `2m` as milliseconds. */
export function readTimeMs(value: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(value);
  if (match === null) return undefined;
  const factor = match[2] === 'ms' ? 1 : match[2] === 's' ? 1000 : 60_000;
  return Number(match[1]) * factor;
}

function readNumber(value: string): unknown {
  return /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}
