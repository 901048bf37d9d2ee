import { errorForms, errorShapes } from '../azure/error-event.ts';
import { throttleTexts } from '../azure/throttle-text.ts';
import {
  anything,
  flag,
  headers,
  number,
  numberOrText,
  oneOf,
  seconds,
  text,
  time,
  wholeNumber,
} from '../fields/field.ts';
import type { Field } from '../fields/field.ts';
import type { Step } from './step.ts';

type FieldsOf<S extends Step> = { readonly [K in Exclude<keyof S, 'kind'>]-?: Field };
type StepFields = { readonly [K in Step['kind']]: FieldsOf<Extract<Step, { kind: K }>> };

const count = wholeNumber(0);
const mostTokens = 100_000;

/** The fields of each kind of step; the compiler ensures that none is forgotten. */
const stepFields: StepFields = {
  ok: {},
  slow: { delayMs: time, chunkDelayMs: time, chunks: wholeNumber(1, mostTokens) },
  throttle: {
    retryAfterSeconds: seconds,
    retryAfterMs: number,
    resetRequests: numberOrText,
    resetTokens: numberOrText,
    text: oneOf(throttleTexts),
    message: text,
    textSeconds: number,
    hasPolicy: flag,
    headers,
    delayMs: time,
  },
  status: { status: wholeNumber(200, 599), code: text, body: anything, headers, delayMs: time },
  redirect: { location: text, status: wholeNumber(300, 399), delayMs: time },
  error: {
    afterChunks: count,
    form: oneOf(errorForms),
    shape: oneOf(errorShapes),
    message: text,
    type: text,
    code: text,
    delayMs: time,
  },
  block: { delayMs: time, afterTokens: wholeNumber(0, mostTokens) },
  refuse: {},
  hang: { delayMs: time, afterBytes: count, afterChunks: count },
  reset: { delayMs: time, afterHeaderBytes: count, afterBytes: count, afterChunks: count },
  truncate: { delayMs: time, afterChunks: count, isAbrupt: flag },
  garbage: { delayMs: time, text },
  drip: { delayMs: time, bytes: wholeNumber(1), everyMs: time },
  stale: { at: oneOf(['next-request', 'idle']), afterMs: time },
  'huge-headers': { delayMs: time, bytes: wholeNumber(1, 10_000_000) },
  gzip: { delayMs: time },
};

/** The required fields of each kind of step, and how they are written. */
export const neededFields: Readonly<Record<string, { readonly name: string; readonly problem: string }>> = {
  status: { name: 'status', problem: 'status needs a number, such as status(500)' },
  redirect: {
    name: 'location',
    problem: 'redirect needs a location, such as redirect("https://example.com/")',
  },
};

/** The names of all kinds of steps. */
export const stepKinds = Object.keys(stepFields) as readonly Step['kind'][];

/** Returns the fields of a kind by name, or undefined for a kind that does not exist. */
export function fieldsOf(kind: unknown): Readonly<Record<string, Field>> | undefined {
  return stepKinds.find((known) => known === kind) && stepFields[kind as Step['kind']];
}

/** The script language's words for JSON's names. */
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
  'has-policy': 'hasPolicy',
  status: 'status',
  location: 'location',
  code: 'code',
  body: 'body',
  form: 'form',
  shape: 'shape',
  type: 'type',
  'after-tokens': 'afterTokens',
  'after-header-bytes': 'afterHeaderBytes',
  'after-bytes': 'afterBytes',
  'after-chunks': 'afterChunks',
  abrupt: 'isAbrupt',
  bytes: 'bytes',
  every: 'everyMs',
  at: 'at',
  after: 'afterMs',
};

/** The field that a kind's unnamed argument stands for. */
export const firstFields: Readonly<Record<string, string>> = {
  status: 'status',
  throttle: 'retryAfterSeconds',
  redirect: 'location',
};
