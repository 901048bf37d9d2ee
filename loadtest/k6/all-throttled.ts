/**
 * From second 3 on every backend answers 429, the second one for the shortest time: clients get its `Retry-After`.
 * `k6 run loadtest/k6/all-throttled.ts` while `pnpm dev` runs.
 */
import { check } from 'k6';
import exec from 'k6/execution';
import type { Options } from 'k6/options';
import { askGateway, setScripts } from './gateway.ts';

const throttledFromMs = 3_000;
const recoveryMs = 8_000;
/** The mocks' clocks start a little before the clients'. */
const toleranceMs = 500;

export const options: Options = {
  scenarios: {
    clients: { executor: 'constant-arrival-rate', rate: 100, duration: '12s', preAllocatedVUs: 50 },
  },
  thresholds: { checks: ['rate==1'], http_req_failed: ['rate==0'] },
};

export function setup(): void {
  setScripts([
    '3s ok, 7s throttle(retry-after=7), always ok',
    '3s ok, 5s throttle(retry-after=5), always ok',
    '3s ok, 6s throttle(retry-after=6), always ok',
  ]);
}

export default function sendOne(): void {
  const response = askGateway();
  const atMs = Date.now() - exec.scenario.startTime;
  if (atMs < throttledFromMs - toleranceMs || atMs > recoveryMs + 2 * toleranceMs) {
    check(response, { 'status is 200 while a backend is free': ({ status }) => status === 200 });
  } else if (atMs > throttledFromMs + toleranceMs && atMs < recoveryMs - toleranceMs) {
    const retryAfterSeconds = Number(response.headers['Retry-After']);
    const dueSeconds = (recoveryMs - atMs) / 1000;
    check(response, {
      'status is 429 while none is': ({ status }) => status === 429,
      'Retry-After is the soonest recovery': () => Math.abs(retryAfterSeconds - dueSeconds) < 1.5,
    });
  }
}
