import { throttleTexts } from './bodies/throttle-text.ts';
import { anything, headers, number, numberOrText, oneOf, seconds, text, time, wholeNumber } from './field.ts';
import type { Field } from './field.ts';
import type { Step } from './step.ts';

type FieldsOf<S extends Step> = { readonly [K in Exclude<keyof S, 'kind'>]-?: Field };
type StepFields = { readonly [K in Step['kind']]: FieldsOf<Extract<Step, { kind: K }>> };

/** What can be said of each kind of step; the compiler sees that none is forgotten. */
const stepFields: StepFields = {
  ok: {},
  slow: { delayMs: time, chunkDelayMs: time, chunks: wholeNumber(1) },
  throttle: {
    retryAfterSeconds: seconds,
    retryAfterMs: number,
    resetRequests: numberOrText,
    resetTokens: numberOrText,
    text: oneOf(throttleTexts),
    message: text,
    textSeconds: number,
    headers,
    delayMs: time,
  },
  status: { status: wholeNumber(200, 599), code: text, body: anything, headers, delayMs: time },
  hang: {},
  reset: { delayMs: time, afterBytes: wholeNumber(0), afterChunks: wholeNumber(0) },
  truncate: { delayMs: time, afterChunks: wholeNumber(0) },
};

/** The names of all kinds of steps. */
export const stepKinds = Object.keys(stepFields) as readonly Step['kind'][];

/** Answers the fields of a kind by name, or undefined for a kind that does not exist. */
export function fieldsOf(kind: unknown): Readonly<Record<string, Field>> | undefined {
  return stepKinds.find((known) => known === kind) && stepFields[kind as Step['kind']];
}

/** The words that the script language uses instead of the names that JSON has. */
export const textNames: Readonly<Record<string, string>> = {
  delay: 'delayMs',
  'chunk-delay': 'chunkDelayMs',
  chunks: 'chunks',
  'retry-after': 'retryAfterSeconds',
  'retry-after-ms': 'retryAfterMs',
  'reset-requests': 'resetRequests',
  'reset-tokens': 'resetTokens',
  text: 'text',
  message: 'message',
  'text-seconds': 'textSeconds',
  status: 'status',
  code: 'code',
  body: 'body',
  'after-bytes': 'afterBytes',
  'after-chunks': 'afterChunks',
};

/** The field that a kind's argument without a name stands for. */
export const firstFields: Readonly<Record<string, string>> = {
  status: 'status',
  throttle: 'retryAfterSeconds',
};
