import { refusalUsageHeaders } from './rate-headers.ts';
import type { ThrottleText } from '../azure/throttle-text.ts';
import type { ThrottleStep } from '../script/step.ts';
import type { Judgement } from './judgement.ts';
import type { Quota, StandardQuota } from './quota.ts';

type Refusal = Extract<Judgement, { kind: 'refused' }>;

/** The waiting time reported to a refused call, in real time, rounded up. */
interface Wait {
  readonly seconds: number;
  readonly milliseconds: number;
}

const dayInSeconds = 86_400;

/** Turns a refusal, whose `waitMs` is in real time, into the step that answers it. */
export function refusalStep(refusal: Refusal, quota: Quota): ThrottleStep {
  const milliseconds = Math.max(1, Math.ceil(refusal.waitMs));
  const wait = { milliseconds, seconds: Math.ceil(milliseconds / 1000) };
  const told = pairs(refusalUsageHeaders(refusal.usage, quota, refusal.by === 'requests'));
  const step = quota.kind === 'ptu' ? ptuStep(wait, quota.message) : standardStep(wait, refusal, quota);
  return { ...step, headers: { ...told, ...step.headers } };
}

function ptuStep(wait: Wait, message: string | undefined): ThrottleStep {
  return {
    kind: 'throttle',
    retryAfterSeconds: wait.seconds,
    retryAfterMs: wait.milliseconds,
    text: 'ptu',
    ...(message !== undefined && { message: message.replaceAll('{seconds}', String(wait.seconds)) }),
  };
}

function standardStep(wait: Wait, { by }: Refusal, quota: StandardQuota): ThrottleStep {
  const { seconds, milliseconds } = wait;
  const isCall = by === 'requests';
  const policy = { 'policy-id': isCall ? 'DeploymentRatelimit-Call' : 'DeploymentRatelimit-Token' };
  const step = (usual: ThrottleText, rest: Partial<ThrottleStep>): ThrottleStep => ({
    kind: 'throttle',
    retryAfterSeconds: false,
    textSeconds: seconds,
    text: quota.text ?? usual,
    headers: policy,
    ...(quota.hasRetryAfterMs === true && { retryAfterMs: milliseconds }),
    ...rest,
  });
  switch (quota.headers ?? 'classic') {
    case 'classic': {
      const reset = isCall ? { resetRequests: seconds } : { resetTokens: seconds };
      return step(isCall ? 'call-rate' : 'token-rate', { retryAfterSeconds: seconds, ...reset });
    }
    case '2023':
      // The tokens' header is spelt differently from the requests': x-rate-limit, not x-ratelimit.
      return isCall
        ? step('call-rate-short', { resetRequests: seconds })
        : step('token-rate', { headers: { ...policy, 'x-rate-limit-reset-tokens': String(seconds) } });
    case 'responses':
      return step('token-rate-2025', {});
    case '86400':
      return step('token-rate-aiservices', { retryAfterSeconds: dayInSeconds, textSeconds: dayInSeconds });
    case 'none':
      return step('high-demand', { retryAfterSeconds: seconds, hasPolicy: false, headers: {} });
  }
}

function pairs(headers: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (let index = 0; index < headers.length; index += 2)
    found[headers[index] ?? ''] = headers[index + 1] ?? '';
  return found;
}
