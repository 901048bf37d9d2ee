import { scanJson } from '../body/scan-json.ts';
import { collectionOf } from './collections.ts';

/** POSTs that leave nothing behind on the backend. Any other may have made something there. */
const STATELESS: ReadonlySet<string> = new Set([
  'chat/completions',
  'completions',
  'embeddings',
  'moderations',
  'images/generations',
  'images/edits',
  'images/variations',
  'audio/transcriptions',
  'audio/translations',
  'audio/speech',
]);

const READS = ['GET', 'HEAD', 'OPTIONS'];

/** What a request leaves behind on a backend, and what it may find there. */
export interface Effect {
  /** Whether it is about objects that one backend keeps. */
  readonly isStateful: boolean;
  /** Whether it makes an object on the backend, so that sending it twice could make two. */
  readonly createsObject: boolean;
}

/** Answers what a request does to a backend besides being answered; most do nothing. */
export function effectOf(method: string, operation: string, body: Buffer | undefined): Effect {
  if (STATELESS.has(operation)) return NONE;
  return {
    isStateful: collectionOf(operation) !== undefined,
    createsObject: !isRepeatable(method, operation, body),
  };
}

/** Answers whether an operation is asked of a deployment, so that its body names one where its path does not. */
export function namesDeployment(operation: string): boolean {
  return STATELESS.has(operation) || operation === 'responses';
}

const NONE: Effect = { isStateful: false, createsObject: false };

/** Answers whether a request may be sent to another backend although the first may have acted on it. */
function isRepeatable(method: string, operation: string, body: Buffer | undefined): boolean {
  if (READS.includes(method)) return true;
  return method === 'POST' && operation === 'responses' && body !== undefined && isUnstored(body);
}

/** Responses are stored by default for 30 days; only an explicit `store: false` makes them stateless. */
function isUnstored(body: Buffer): boolean {
  const fields = scanJson(body, ['store', 'background']);
  const literal = (key: string) => {
    const range = fields.get(key);
    return range && body.toString('latin1', range.start, range.end);
  };
  return literal('store') === 'false' && literal('background') !== 'true';
}
