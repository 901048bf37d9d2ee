import type { StreamEvent } from '../attempt.ts';
import { parseJsonObject } from './json-object.ts';
import { readStreamError } from './stream-error.ts';

const DONE = '[DONE]';
const RESPONSE_ENDINGS: readonly unknown[] = [
  'response.completed',
  'response.failed',
  'response.incomplete',
  'response.cancelled',
];

/**
 * Answers whether an event stream that has come to its end lacks what streams of its operation end with, so that it
 * must not pass for a whole one. An error is an end. What is not known to end in some way is never cut short.
 *
 * @param last its last event, or `undefined` if there was none or it was too long to be kept
 */
export function isCutShort(operation: string | undefined, last: StreamEvent | undefined): boolean {
  if (operation === 'chat/completions' || operation === 'completions') {
    return last === undefined || (last.data !== DONE && readStreamError(last) === undefined);
  }
  const isResponse = operation === 'responses' || operation?.startsWith('responses/');
  return isResponse === true && last !== undefined && !endsResponse(last);
}

function endsResponse(last: StreamEvent): boolean {
  if (last.data === DONE || readStreamError(last) !== undefined) return true;
  const body = parseJsonObject(last.data);
  return body !== undefined && RESPONSE_ENDINGS.includes(last.name === '' ? body['type'] : last.name);
}
