import type { Answer, AttemptResult, HeaderLookup, StreamEvent } from '../attempt.ts';
import type { Outcome, UnavailableCause } from '../outcome.ts';
import { type AnswerError, errorOfText, readAnswerError, readWords } from './answer-error.ts';
import {
  hasOwnForm,
  isInJson,
  isInWords,
  isNoAnswer,
  isPageType,
  type Reading,
  whatToReadOf,
} from './answer-form.ts';
import { parseJsonObject } from './json-object.ts';
import {
  isClients,
  isOfBackend,
  isOfConnector,
  isOfKey,
  isOfPath,
  saysDeploymentMissing,
  saysForbidden,
  saysKeyInvalid,
  saysQuotaSpent,
  subjectOf,
} from './refusal.ts';
import { readMessageMs, readQuotaResetMs, readRetryAfterMs } from './retry-after.ts';
import { saysSignedElsewhere } from './sealed-content.ts';
import {
  readErrorInstead,
  readFailedAnswer,
  readStreamErrorIn,
  readTold,
  readToldIn,
} from './stream-error.ts';
import { isCalledThrottling, isCalledTrouble, isOfTheRequest, isThrottling } from './trouble.ts';

type Failure = Extract<AttemptResult, { kind: 'failed' }>;

/**
 * Returns the outcome of an attempt's result. No other file says what a backend's status code means.
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

/** The bodies of these say whose fault it is. */
const JUDGED_BY_BODY: readonly number[] = [400, 401, 403, 404, 409, 410, 422, 424];
/** Other statuses with which the API, and compatible servers, reject a request. */
const OF_REQUESTS: readonly number[] = [405, 406, 411, 412, 413, 415, 416, 417, 426, 428, 431];

/**
 * Returns how much of a response with this head must be read to judge it. The body distinguishes the client's own
 * mistakes from those that another backend may not share, and some 429s say only in their message when to come back. A
 * stream with status 200 may begin with an error, so its first meaningful event counts.
 *
 * A response of the Responses API may be one that failed. The form of other answers is known too, whichever 2xx they
 * come with: some backends report an error in a short 200, and proxies in front of a backend answer with pages for
 * people.
 *
 * @param isTimeOver whether to wait only for what is indispensable: the status of all other answers gives the kind of
 *   outcome, if not its details
 */
export function whatToRead(
  status: number,
  header: HeaderLookup,
  isTimeOver = false,
  operation?: string,
): Reading {
  if (status === 400 || status === 404) return 'body';
  if (isTimeOver) return 'nothing';
  if (JUDGED_BY_BODY.includes(status) || OF_REQUESTS.includes(status)) return 'body';
  if (status === 429) return readThrottledMs(header) === undefined ? 'body' : 'nothing';
  if (status < 200 || status >= 300 || (status !== 200 && !hasOwnForm(operation))) return 'nothing';
  return whatToReadOf(header('content-type'), operation);
}

function judgeAnswer(answer: Answer): Outcome {
  const { status } = answer;
  if (isRedirect(status)) return judgeRedirect(status);
  // A proxy in front of a backend may not know what an upgrade is.
  if (answer.isUpgradeRefused && (status < 400 || status === 426))
    return { kind: 'declined', status, cause: 'unsupported' };
  if (status < 400) return judgeSuccess(answer);
  if (status === 429) return throttled(answer, answer.bodyText);
  if (status >= 500 || BROKEN_OFF.includes(status))
    return unavailable(answer, hasMadeNothing(answer) ? 'nothing-made' : 'server-error');
  if (status === 401 || status === 403) return judgeForbidden(answer, readAnswerError(answer.bodyText));
  if (status === 407) return unavailable(answer, 'credential-refused');
  if (JUDGED_BY_BODY.includes(status) && !isPageType(answer.header('content-type')))
    return judgeRefused(answer);
  return isOfRequest(answer)
    ? { kind: 'rejected', status }
    : { kind: 'declined', status, cause: 'unsupported' };
}

/**
 * A model's answer that has failed is of no use to anybody, not even a response that is stored, and every SDK would send
 * the request again. With other statuses of failure the backend may still work on it.
 */
function hasMadeNothing({ status, operation, hasMadeNothing }: Answer): boolean {
  return hasMadeNothing === true || (hasOwnForm(operation) && [500, 502, 503].includes(status));
}

/** Proxies answer these when the backend was silent, or somebody closed the connection. */
const BROKEN_OFF: readonly number[] = [408, 444, 460, 499];

/**
 * Any other status comes from a proxy, or is about the backend: its account is not paid for, it is locked, or the law
 * forbids it. Nor is a page or an empty body about the request, whatever it objects to.
 */
function isOfRequest({ status, header, bodyText }: Answer): boolean {
  const isKnown = OF_REQUESTS.includes(status) && !isPageType(header('content-type'));
  return isKnown && readAnswerError(bodyText) !== undefined;
}

function unavailable({ status, header }: Answer, cause: UnavailableCause): Outcome {
  return { kind: 'unavailable', status, cause, retryAfterMs: readRetryAfterMs(header) };
}

/** Except for keys that a backend has made, the refused credential, or what it was used for, is the gateway's own. */
function judgeForbidden(answer: Answer, error: AnswerError | undefined): Outcome {
  const { status } = answer;
  if (answer.hasClientKey) return { kind: 'not-found', status };
  if (error !== undefined && isOfClient(error)) return { kind: 'rejected', status };
  if (saysQuotaSpent(error)) return throttled(answer, error?.message);
  const subject = subjectOf(error);
  if (subject === 'credential') return unavailable(answer, 'credential-refused');
  // A permanent prohibition never says when to come back.
  if (subject === undefined && status !== 401 && readRetryAfterMs(answer.header) !== undefined)
    return throttled(answer);
  return { kind: 'declined', status, cause: subject === 'operation' ? 'forbidden' : 'unexplained' };
}

/** A key may be called invalid just like a field of the request; the key of a tool is the client's. */
function isOfClient(error: AnswerError): boolean {
  if (isOfConnector(error)) return true;
  return isClients(error) && error.codes.every((code) => !/key|token/i.test(code));
}

/**
 * Returns whether an answer refuses the gateway's credential, or may, so that a rotated credential may change the
 * answer. Networks and resources that refuse every credential do not count.
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

/**
 * A 400, 404, 409, 410, 422 or 424: the client's own mistake, a missing object, or a request that another backend may
 * serve.
 */
function judgeRefused(answer: Answer): Outcome {
  const { status } = answer;
  const error = readAnswerError(answer.bodyText);
  if (status === 424)
    return error && isOfConnector(error) ? { kind: 'rejected', status } : unavailable(answer, 'nothing-made');
  const said = error ?? readWords(answer.bodyText);
  if (status !== 410 && said !== undefined && saysDeploymentMissing(said))
    return unavailable(answer, 'deployment-missing');
  if (status === 404 && !isOfPath(error)) return { kind: 'not-found', status };
  const isUnsupported = status === 404 || status === 410 || error === undefined;
  return isUnsupported ? { kind: 'declined', status, cause: 'unsupported' } : judgeMistake(answer, error);
}

/**
 * Some servers report throttling, a wrong key or their own trouble with the status of a client's mistake. A tool of the
 * client's may be throttled or in trouble too. A wrong key may be one within the request, such as that of a search
 * index, which every backend refuses: only refusals of different requests tell that it is the gateway's.
 */
function judgeMistake(answer: Answer, error: AnswerError): Outcome {
  const { status } = answer;
  const isOfTool = isOfConnector(error);
  const isOwn = isOfTool || isClients(error);
  if (!isOwn && isCalledThrottling(error)) return throttled(answer, error.message);
  const isOfGateway = error.param === undefined && !isOfTool && answer.hasClientKey !== true;
  if (isOfGateway && saysKeyInvalid(error)) return { kind: 'declined', status, cause: 'unexplained' };
  const isTrouble = !isOwn && isCalledTrouble(error);
  const isElsewhere = isTrouble || isOfBackend(error) || saysSignedElsewhere(error.message);
  return isElsewhere ? { kind: 'declined', status, cause: 'unsupported' } : { kind: 'rejected', status };
}

/**
 * The gateway has followed every redirect it may. Except with 304, no operation of the API answers this way, with a
 * location or without.
 */
function isRedirect(status: number): boolean {
  return status >= 300 && status < 400 && status !== 304;
}

/** With these two it is certain that nothing has been done (RFC 9110 §15.4.8). */
function judgeRedirect(status: number): Outcome {
  return failed(status, status === 307 || status === 308 ? 'redirected' : 'server-error');
}

/** An error that comes before anything else is the answer, even after a status that promised success. */
function judgeSuccess(answer: Answer): Outcome {
  const { status, header, opening, bodyText, operation, isOfObject } = answer;
  const isNone = bodyText !== undefined && isNoAnswer(bodyText, operation);
  const isOther = isOfObject === true && !/\bjson\b/i.test(header('content-type') ?? '');
  if (opening?.kind === 'cut-short' || isNone || isOther) return failed(status, 'server-error');
  const readError = isOfObject === true ? readErrorInstead : readFailedAnswer;
  const error =
    opening === undefined
      ? (readError(bodyText) ?? (isInJson(operation) ? readTold(bodyText) : undefined))
      : readOpening(opening.event, operation);
  return error === undefined ? { kind: 'succeeded', status } : judgeError(answer, error);
}

/** An error's type says little: `invalid_request_error` is also the type for a model that the backend does not have. */
function judgeError(answer: Answer, error: AnswerError): Outcome {
  const { status, header } = answer;
  if (isThrottling(error)) {
    // A 200's resets are those of a limit that has not been hit.
    const retryAfterMs = readRetryAfterMs(header) ?? readMessageMs(error.message);
    return { kind: 'throttled', status, retryAfterMs };
  }
  if (saysDeploymentMissing(error)) return failed(status, 'deployment-missing');
  if (saysForbidden(error)) return judgeForbidden(answer, error);
  if (!isOfTheRequest(error)) return failed(status, error.isGuessed ? 'server-error' : 'nothing-made');
  if (isOfBackend(error)) return { kind: 'declined', status, cause: 'unsupported' };
  return { kind: answer.isOfObject === true ? 'not-found' : 'rejected', status };
}

function failed(status: number, cause: UnavailableCause): Outcome {
  return { kind: 'unavailable', status, cause, retryAfterMs: undefined };
}

/** Plain words at the beginning of a stream explain why nothing follows, or are what is left of a damaged event. */
function readOpening(event: StreamEvent, operation: string | undefined): AnswerError | undefined {
  const body = parseJsonObject(event.data);
  const error = readStreamErrorIn(event, body) ?? (isInJson(operation) ? readToldIn(body) : undefined);
  if (error !== undefined || !isInWords(event.data, body, operation)) return error;
  return { ...errorOfText(event.data), isGuessed: true };
}

function throttled({ status, header }: Answer, message?: string): Outcome {
  return { kind: 'throttled', status, retryAfterMs: readThrottledMs(header) ?? readMessageMs(message) };
}

function readThrottledMs(header: HeaderLookup): number | undefined {
  return readRetryAfterMs(header) ?? readQuotaResetMs(header);
}
