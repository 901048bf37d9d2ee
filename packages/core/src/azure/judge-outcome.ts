import type { Answer, AttemptResult, HeaderLookup, StreamEvent } from '../attempt.ts';
import type { Outcome, UnavailableCause } from '../outcome.ts';
import { type AnswerError, errorOfText, readAnswerError, readWords } from './answer-error.ts';
import {
  hasOwnForm,
  isInWords,
  isNoAnswer,
  isPage,
  isPageType,
  type Reading,
  whatToReadOf,
} from './answer-form.ts';
import {
  isClients,
  isOfBackend,
  isOfConnector,
  isOfKey,
  isOfPath,
  saysDeploymentMissing,
  saysForbidden,
  saysQuotaSpent,
  subjectOf,
} from './refusal.ts';
import { readMessageMs, readQuotaResetMs, readRetryAfterMs } from './retry-after.ts';
import { saysSealedElsewhere } from './sealed-content.ts';
import { readErrorInstead, readFailedAnswer, readStreamError } from './stream-error.ts';

type Failure = Extract<AttemptResult, { kind: 'failed' }>;

/**
 * Returns what an attempt's result means. The only reader of status codes.
 *
 * @param isHurried whether the attempt had much less than its usual time
 */
export function judgeOutcome(result: AttemptResult, isHurried = false): Outcome {
  switch (result.kind) {
    case 'answered':
      return judgeAnswer(result);
    case 'failed':
      return judgeFailure(result, isHurried);
    case 'aborted':
      return { kind: 'aborted' };
  }
}

function judgeFailure({ failure, wasSent }: Failure, isHurried: boolean): Outcome {
  const outcome = { kind: 'unreachable', failure, wasSent } as const;
  return isHurried && failure === 'header-timeout' ? { ...outcome, wasHurried: true } : outcome;
}

/** Whose fault these are is told by their bodies. */
const JUDGED_BY_BODY: readonly number[] = [400, 401, 403, 404, 409, 410, 422, 424];

/**
 * Returns what a response with this head is judged by. What another backend may do better is told from the client's own
 * mistakes by the body, and some 429s say when to come back in their message alone. A stream of status 200 may begin with an
 * error, so that its first event counts that says something.
 *
 * A response of the Responses API may be one that failed. What other answers should have is known too, whatever 2xx they come
 * with: some backends tell of an error in a 200, which is short, and what stands before a backend answers with pages for people.
 *
 * @param isTimeOver whether only what is indispensable may still be waited for: the status of all others tells the kind
 *   of outcome, if not all that there is to know of it
 */
export function whatToRead(
  status: number,
  header: HeaderLookup,
  isTimeOver = false,
  operation?: string,
): Reading {
  if (status === 400 || status === 404) return 'body';
  if (isTimeOver) return 'nothing';
  if (JUDGED_BY_BODY.includes(status)) return 'body';
  if (status === 429) return readThrottledMs(header) === undefined ? 'body' : 'nothing';
  if (status < 200 || status >= 300 || (status !== 200 && !hasOwnForm(operation))) return 'nothing';
  return whatToReadOf(header('content-type'), operation);
}

function judgeAnswer(answer: Answer): Outcome {
  const { status } = answer;
  if (isRedirect(status)) return judgeRedirect(status);
  // What stands before a backend may not know what an upgrade is.
  if (answer.isUpgradeRefused && (status < 400 || status === 426))
    return { kind: 'declined', status, cause: 'unsupported' };
  if (status < 400) return judgeSuccess(answer);
  if (status === 429) return throttled(answer, answer.bodyText);
  if (status >= 500 || status === 408)
    return unavailable(answer, answer.hasMadeNothing ? 'nothing-made' : 'server-error');
  if (status === 401 || status === 403) return judgeForbidden(answer, readAnswerError(answer.bodyText));
  if (status === 407) return unavailable(answer, 'credential-refused');
  if (OF_BACKEND.includes(status) || isPageType(answer.header('content-type')))
    return { kind: 'declined', status, cause: 'unsupported' };
  return JUDGED_BY_BODY.includes(status) ? judgeRefused(answer) : { kind: 'rejected', status };
}

/**
 * Whose account is not paid for, who is the wrong one for this connection, is locked, has not begun or may not by law: none of
 * it is about the request, nor is the page of what stands before a backend, whatever that has against a request.
 */
const OF_BACKEND: readonly number[] = [402, 421, 423, 425, 451];

function unavailable({ status, header }: Answer, cause: UnavailableCause): Outcome {
  return { kind: 'unavailable', status, cause, retryAfterMs: readRetryAfterMs(header) };
}

/** But for keys that a backend has made, it is the gateway's own credential that was refused, or what it was used for. */
function judgeForbidden(answer: Answer, error: AnswerError | undefined): Outcome {
  const { status } = answer;
  if (answer.hasClientKey) return { kind: 'not-found', status };
  if (error !== undefined && isClients(error) && error.codes.every((code) => !/key|token/i.test(code)))
    return { kind: 'rejected', status };
  if (saysQuotaSpent(error)) return throttled(answer, error?.message);
  const subject = subjectOf(error);
  if (subject === 'credential') return unavailable(answer, 'credential-refused');
  // Of what is forbidden for good nobody says when to come back.
  if (subject === undefined && status !== 401 && readRetryAfterMs(answer.header) !== undefined)
    return throttled(answer);
  return { kind: 'declined', status, cause: subject === 'operation' ? 'forbidden' : 'unexplained' };
}

/**
 * Returns whether an answer refuses the gateway's credential, or may, so that it would be another with a credential that was
 * rotated. Networks and resources that refuse every credential do not count.
 */
export function isCredentialRefused(answer: AttemptResult): boolean {
  if (answer.kind !== 'answered' || (answer.status !== 401 && answer.status !== 403)) return false;
  const outcome = judgeOutcome(answer);
  if (answer.status === 401) return outcome.kind === 'unavailable' || isUnexplained(outcome);
  return outcome.kind === 'unavailable' && isOfKey(readAnswerError(answer.bodyText));
}

function isUnexplained(outcome: Outcome): boolean {
  return outcome.kind === 'declined' && outcome.cause === 'unexplained';
}

/** A 400, 404, 409, 410, 422 or 424: the client's own mistake, an object that is not there, or what another backend may do better. */
function judgeRefused(answer: Answer): Outcome {
  const { status } = answer;
  const error = readAnswerError(answer.bodyText);
  if (status === 424)
    return error && isOfConnector(error) ? { kind: 'rejected', status } : unavailable(answer, 'nothing-made');
  const said = error ?? readWords(answer.bodyText);
  if (status !== 410 && said !== undefined && saysDeploymentMissing(said))
    return unavailable(answer, 'deployment-missing');
  if (status === 404 && !isOfPath(error)) return { kind: 'not-found', status };
  const isLack = status === 404 || status === 410 || isPage(answer.bodyText ?? '');
  if (!isLack && (said === undefined || !isOfBackend(said))) return { kind: 'rejected', status };
  return { kind: 'declined', status, cause: 'unsupported' };
}

/** The gateway has followed what it may. No operation of the API answers so, whether it says where to or not, but with 304. */
function isRedirect(status: number): boolean {
  return status >= 300 && status < 400 && status !== 304;
}

/** Of these two it is certain that nothing has been done (RFC 9110 §15.4.8). */
function judgeRedirect(status: number): Outcome {
  return failed(status, status === 307 || status === 308 ? 'redirected' : 'server-error');
}

/** An error that comes before anything else is the answer, whatever the status before it promised. */
function judgeSuccess(answer: Answer): Outcome {
  const { status, header, opening, bodyText, operation, isOfObject } = answer;
  const isNone = bodyText !== undefined && isNoAnswer(bodyText, operation);
  const isOther = isOfObject === true && !/\bjson\b/i.test(header('content-type') ?? '');
  if (opening?.kind === 'cut-short' || isNone || isOther) return failed(status, 'server-error');
  const readError = isOfObject === true ? readErrorInstead : readFailedAnswer;
  const error = opening === undefined ? readError(bodyText) : readOpening(opening.event, operation);
  return error === undefined ? { kind: 'succeeded', status } : judgeError(answer, error);
}

/** Which type an error has says little: `invalid_request_error` is also that of a model which the backend has not got. */
function judgeError(answer: Answer, error: AnswerError): Outcome {
  const { status, header } = answer;
  if (isThrottling(error)) {
    // The resets of a 200 are of a limit that has not been hit.
    const retryAfterMs = readRetryAfterMs(header) ?? readMessageMs(error.message);
    return { kind: 'throttled', status, retryAfterMs };
  }
  if (saysDeploymentMissing(error)) return failed(status, 'deployment-missing');
  if (saysForbidden(error)) return judgeForbidden(answer, error);
  if (!isOfTheRequest(error)) return failed(status, 'nothing-made');
  if (isOfBackend(error)) return { kind: 'declined', status, cause: 'unsupported' };
  return { kind: answer.isOfObject === true ? 'not-found' : 'rejected', status };
}

function failed(status: number, cause: UnavailableCause): Outcome {
  return { kind: 'unavailable', status, cause, retryAfterMs: undefined };
}

/** What a server says in words before anything else is why there is nothing else. */
function readOpening(event: StreamEvent, operation: string | undefined): AnswerError | undefined {
  const error = readStreamError(event);
  if (error !== undefined || !isInWords(event.data, operation)) return error;
  return errorOfText(event.data);
}

const THROTTLED = /^(?:429|too_?many_?requests|rate_?limit\w*)$/i;
const OF_THE_REQUEST =
  /^(?:400|BadRequest|invalid_\w+|content_filter|content_policy_violation|context_length_exceeded|ResponsibleAIPolicyViolation)$/i;

function isThrottling(error: AnswerError): boolean {
  if (isCalled(error, THROTTLED)) return true;
  return !isOfTheRequest(error) && /\brate limit|too many requests/i.test(error.message);
}

/** It says nothing about how the backend is: every other would say the same, or does not have what this one lacks. */
function isOfTheRequest(error: AnswerError): boolean {
  return isCalled(error, OF_THE_REQUEST) || saysSealedElsewhere(error.message);
}

function isCalled({ codes, type }: AnswerError, name: RegExp): boolean {
  return codes.some((code) => name.test(code)) || name.test(type);
}

function throttled({ status, header }: Answer, message?: string): Outcome {
  return { kind: 'throttled', status, retryAfterMs: readThrottledMs(header) ?? readMessageMs(message) };
}

function readThrottledMs(header: HeaderLookup): number | undefined {
  return readRetryAfterMs(header) ?? readQuotaResetMs(header);
}
