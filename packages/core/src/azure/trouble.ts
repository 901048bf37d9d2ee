import type { AnswerError } from './answer-error.ts';
import { saysSealedElsewhere } from './sealed-content.ts';

/*
 * Errors whose code or type says something else than their status, which promises a success or blames the client.
 */

const THROTTLED = /^(?:429|too_?many_?requests|rate_?limit\w*|throttl(?:ed|ing)\w*)$/i;
const OF_THE_REQUEST =
  /^(?:400|BadRequest|invalid_\w+|content_filter|content_policy_violation|context_length_exceeded|ResponsibleAIPolicyViolation)$/i;
const TROUBLE =
  /^(?:5\d\d|internal_?error|(?:internal_?)?server_?error|(?:api|upstream|content_filter)_error|bad_?gateway|(?:gateway_?|request_?)?timeout|service_?unavailable|\w*overloaded\w*)$/i;

/** Returns whether an error says that a quota is spent, by its code or type, or else in words. */
export function isThrottling(error: AnswerError): boolean {
  if (isCalledThrottling(error)) return true;
  return !isOfTheRequest(error) && /\brate limit|too many requests/i.test(error.message);
}

/** Returns whether the code or type of an error says that a quota is spent. */
export function isCalledThrottling(error: AnswerError): boolean {
  return isCalled(error, THROTTLED);
}

/** Returns whether the code or type of an error is one that comes with a 5xx. */
export function isCalledTrouble(error: AnswerError): boolean {
  return isCalled(error, TROUBLE);
}

/** It says nothing about the backend's health: every other backend would say the same, or lacks the same thing. */
export function isOfTheRequest(error: AnswerError): boolean {
  return isCalled(error, OF_THE_REQUEST) || saysSealedElsewhere(error.message);
}

function isCalled({ codes, type }: AnswerError, name: RegExp): boolean {
  return codes.some((code) => name.test(code)) || name.test(type);
}
