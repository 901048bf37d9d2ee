import type { Answer, AttemptResult, HeaderLookup } from './attempt.ts';
import type { Outcome } from './outcome.ts';
import { readQuotaResetMs, readRetryAfterMs } from './retry-after.ts';

/** Answers what an attempt's result means. The only reader of status codes. */
export function judgeOutcome(result: AttemptResult): Outcome {
  switch (result.kind) {
    case 'answered':
      return judgeAnswer(result);
    case 'failed':
      return { kind: 'unreachable', failure: result.failure, wasSent: result.wasSent };
    case 'aborted':
      return { kind: 'aborted' };
  }
}

/**
 * Answers whether a response with this head can only be judged by the start of its body: a missing deployment is told
 * from other client errors by its error code, and some 429s say when to come back in their message alone.
 */
export function needsBodyToJudge(status: number, header: HeaderLookup): boolean {
  if (status === 429) return readThrottledMs(header) === undefined;
  return status === 400 || status === 404;
}

function judgeAnswer(answer: Answer): Outcome {
  const { status } = answer;
  if (status < 400) return { kind: 'succeeded', status };
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
