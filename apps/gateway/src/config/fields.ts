import { z } from 'zod';

// A configuration is read once: compiling a checker for it takes longer than checking it.
z.config({ jitless: true });

export const ONE_DAY_MS = 86_400_000;
export const ONE_GIGABYTE = 1_073_741_824;

/**
 * Fields whose every complaint is the same sentence: the allowed values. The loader puts the key and the value found
 * before it, so a user reads one kind of message for any mistake; the reference table has the same sentence.
 */

/** A whole number between two bounds, both allowed. */
export function wholeNumber(min: number, max: number) {
  const allowed = `a whole number from ${min} to ${max}`;
  return z.int(allowed).min(min, allowed).max(max, allowed).meta({ allowed });
}

/** A whole number between two bounds, or a word. */
export function wholeNumberOr<const Words extends readonly [string, ...string[]]>(
  min: number,
  max: number,
  words: Words,
) {
  const allowed = `${words.join(', ')}, or a whole number from ${min} to ${max}`;
  return z.union([z.enum(words), z.int().min(min).max(max)], allowed).meta({ allowed });
}

/** A number between two bounds, both allowed. */
export function numberBetween(min: number, max: number) {
  const allowed = `a number from ${min} to ${max}`;
  return z.number(allowed).min(min, allowed).max(max, allowed).meta({ allowed });
}

/** A non-empty text. */
export function text() {
  const allowed = 'a text that is not empty';
  return z.string(allowed).trim().min(1, allowed).meta({ allowed });
}

/** A name that is valid in a header, a log and a metric. */
export function backendName() {
  const allowed = 'letters, digits, dots, dashes and underscores, at most 64';
  return z
    .string(allowed)
    .regex(/^[\w.-]{1,64}$/, allowed)
    .meta({ allowed });
}

/**
 * A text of a form, without accidental spaces around it.
 *
 * @param form from the first character to the last
 */
export function trimmed(form: RegExp, allowed: string) {
  const pattern = `^\\s*(?:${form.source.slice(1, -1)})\\s*$`;
  return z.string(allowed).trim().regex(form, allowed).meta({ allowed, pattern });
}

/** References to secrets, of App Service, LiteLLM, Windows and pipelines. One that nothing resolved is no key. */
const REFERENCE = /^(?:@[Mm]icrosoft\.[Kk]ey[Vv]ault\(|os\.environ\/|env:|%\w+%\s*$|\$\()/;
const SECRET = new RegExp(`^(?![<{].*[>}]\\s*$)(?!${REFERENCE.source.slice(1)})[\\x21-\\x7e]+$`);

/** Returns whether a text refers to a secret that is kept elsewhere. */
export function isReference(text: string): boolean {
  return REFERENCE.test(text);
}

/** A key that is valid in a header. */
export function secret() {
  const allowed = 'a key of printable characters without spaces';
  return trimmed(SECRET, allowed);
}

/** Returns whether a text has a placeholder in brackets, as examples do. */
export function hasPlaceholder(text: string): boolean {
  return /[<{].*[>}]/.test(text);
}

/** `true` or `false`. */
export function flag() {
  const allowed = 'true or false';
  return z.boolean(allowed).meta({ allowed });
}

/** A map whose keys are all known. */
export function mapOf<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, 'a map of `key: value`, with a space after each colon');
}

/** Tells editors that a map has at least one of these keys: they cannot read the other checks. */
export function anyKeyOf(...names: readonly string[]) {
  return { anyOf: names.map((name) => ({ required: [name] })) };
}

/** One of a list of words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  const allowed = `one of ${words.join(', ')}`;
  return z.enum(words, allowed).meta({ allowed });
}
