import { throttleTexts } from '../azure/throttle-text.ts';
import { flag, numberFrom, oneOf, oneTimeOf, orNone, text, time, wholeNumber } from '../fields/field.ts';
import { families } from './presets.ts';
import { rateHeaderForms } from './quota.ts';
import type { Field } from '../fields/field.ts';
import type { QuotaCut } from './quota-cuts.ts';
import type { Quota } from './quota.ts';

type FieldsOf<Q extends Quota> = { readonly [K in Exclude<keyof Q, 'kind' | 'cuts'>]-?: Field };
type QuotaFields = { readonly [K in Quota['kind']]: FieldsOf<Extract<Quota, { kind: K }>> };

const aboveZero = numberFrom(0, Infinity, true);

/** The fields of each kind of quota, except its cuts; the compiler ensures that none is forgotten. */
const quotaFields: QuotaFields = {
  standard: {
    tpm: wholeNumber(1),
    rpm: orNone(aboveZero),
    family: oneOf(families),
    requestsPerKTokens: aboveZero,
    window: oneOf(['rolling', 'fixed']),
    requestWindowMs: oneTimeOf(1000, 10_000),
    reportedWindowMs: oneTimeOf(1000, 10_000, 60_000),
    charge: oneOf(['prompt-and-max-tokens', 'max-tokens']),
    maxTokensDefault: wholeNumber(0),
    charactersPerToken: aboveZero,
    headers: oneOf(rateHeaderForms),
    hasRetryAfterMs: flag,
    text: oneOf(throttleTexts),
  },
  ptu: {
    units: wholeNumber(1),
    family: oneOf(families),
    inputTpmPerUnit: aboveZero,
    outputWeight: aboveZero,
    bucketMs: { ...time, isValid: aboveZero.isValid },
    maxTokensDefault: wholeNumber(0),
    charactersPerToken: aboveZero,
    message: text,
  },
};

/** The fields of a cut. */
export const cutFields: { readonly [K in keyof QuotaCut]-?: Field } = {
  factor: numberFrom(0, 1),
  afterMs: time,
  forMs: time,
};

/** The names of all kinds of quotas. */
export const quotaKinds = Object.keys(quotaFields) as readonly Quota['kind'][];

/** Returns the fields of a kind by name, or undefined for a kind that does not exist. */
export function quotaFieldsOf(kind: unknown): Readonly<Record<string, Field>> | undefined {
  return quotaKinds.find((known) => known === kind) && quotaFields[kind as Quota['kind']];
}

/** Converts a field's name to its word in text: `requestWindowMs` is `request-window`. */
export function wordOf(name: string): string {
  if (name === 'hasRetryAfterMs') return 'retry-after-ms';
  return name
    .replace(/Ms$/, '')
    .replaceAll(/(?=[A-Z])/g, '-')
    .toLowerCase();
}
