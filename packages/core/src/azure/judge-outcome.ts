import type { Answer, AttemptResult, HeaderLookup } from '../attempt.ts';
import type { Outcome } from '../outcome.ts';
import { readQuotaResetMs, readRetryAfterMs } from './retry-after.ts';
import { readStreamError, type StreamError } from './stream-error.ts';

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

/** What has to be read of an answer, beside its head, before it can be judged. */
export type Reading = 'nothing' | 'body' | 'first-event';

/**
 * Returns what a response with this head is judged by. A missing deployment is told from other client errors by the error
 * code in the body, and some 429s say when to come back in their message alone. A stream of status 200 may begin with an
 * error, so that its first event counts that says something; one that is packed cannot be read.
 *
 * @param isTimeOver whether only what is indispensable may still be waited for: the status of all others tells the kind
 *   of outcome, if not all that there is to know of it
 */
export function whatToRead(status: number, header: HeaderLookup, isTimeOver = false): Reading {
  if (status === 400 || status === 404) return 'body';
  if (isTimeOver) return 'nothing';
  if (status === 429) return readThrottledMs(header) === undefined ? 'body' : 'nothing';
  return status === 200 && isReadableStream(header) ? 'first-event' : 'nothing';
}

function isReadableStream(header: HeaderLookup): boolean {
  if (!header('content-type')?.startsWith('text/event-stream')) return false;
  return (header('content-encoding') ?? 'identity') === 'identity';
}

function judgeAnswer(answer: Answer): Outcome {
  const { status } = answer;
  if (status < 400) return judgeOpening(answer);
  if (status === 429) {
    return {
      kind: 'throttled',
      status,
      retryAfterMs: readThrottledMs(answer.header) ?? readMessageMs(answer.bodyText),
    };
  }
  const cause = unavailableCause(answer);
  if (cause === undefined) return { kind: status === 404 ? 'not-found' : 'rejected', status };
  return { kind: 'unavailable', status, cause, retryAfterMs: readRetryAfterMs(answer.header) };
}

/** An error that comes before anything else is the answer, whatever the status before it promised. */
function judgeOpening({ status, opening }: Answer): Outcome {
  if (opening === undefined) return { kind: 'succeeded', status };
  const failed = { kind: 'unavailable', status, cause: 'server-error', retryAfterMs: undefined } as const;
  if (opening.kind === 'cut-short') return failed;
  const error = readStreamError(opening.event);
  if (error === undefined) return { kind: 'succeeded', status };
  if (isThrottling(error)) return { kind: 'throttled', status, retryAfterMs: readMessageMs(error.message) };
  return isOfTheRequest(error) ? { kind: 'rejected', status } : failed;
}

const THROTTLED = /^(?:429|too_?many_?requests|rate_?limit\w*)$/i;
const OF_THE_REQUEST =
  /^(?:400|BadRequest|invalid_\w+|content_filter|content_policy_violation|context_length_exceeded|ResponsibleAIPolicyViolation)$/i;

function isThrottling({ codes, message }: StreamError): boolean {
  if (codes.some((code) => THROTTLED.test(code))) return true;
  return !isOfTheRequest({ codes, message }) && /\brate limit|too many requests/i.test(message);
}

/** Every backend would say the same of the request. */
function isOfTheRequest({ codes }: StreamError): boolean {
  return codes.some((code) => OF_THE_REQUEST.test(code));
}

function readThrottledMs(header: HeaderLookup): number | undefined {
  return readRetryAfterMs(header) ?? readQuotaResetMs(header);
}

function unavailableCause({ status, bodyText }: Answer) {
  if (status >= 500 || status === 408) return 'server-error';
  // The client's credential never reaches a backend, so it is the gateway's own that was refused.
  if (status === 401 || status === 403) return 'credential-refused';
  if ((status === 404 || status === 400) && saysDeploymentMissing(bodyText)) return 'deployment-missing';
  return undefined;
}

/** Classic answers 404 `DeploymentNotFound`; v1 answers 400 or 404 under OpenAI's names for the same thing. */
function saysDeploymentMissing(bodyText: string | undefined): boolean {
  return (
    bodyText !== undefined &&
    /"code"\s*:\s*"(?:DeploymentNotFound|unknown_model|model_not_found)"/i.test(bodyText)
  );
}

/** "Please retry after 20 seconds" and "Try again in 4 seconds" are all that some of Azure's 429s say. */
function readMessageMs(bodyText: string | undefined): number | undefined {
  const seconds = bodyText?.match(/(?:retry after|try again in) (\d{1,9}) second/i)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}
