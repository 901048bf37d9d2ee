/**
 * Priority 1 answers 429 from second 5 to second 10: clients notice nothing.
 * `k6 run loadtest/k6/throttled.ts` while `pnpm dev` runs.
 */
import { check } from 'k6';
import { Counter } from 'k6/metrics';
import type { Options } from 'k6/options';
import { askGateway, countCalls, setScripts } from './gateway.ts';

const answersBy = new Counter('answers_by_backend');

export const options: Options = {
  scenarios: {
    clients: { executor: 'constant-arrival-rate', rate: 200, duration: '15s', preAllocatedVUs: 50 },
  },
  thresholds: { checks: ['rate==1'], http_req_failed: ['rate==0'] },
};

export function setup(): void {
  const throttledInTheMiddle = '5s ok, 5s throttle(retry-after=5), always ok';
  setScripts([throttledInTheMiddle, throttledInTheMiddle]);
}

export default function sendOne(): void {
  const response = askGateway();
  answersBy.add(1, { backend: response.headers['X-Spillway-Backend'] ?? 'gateway' });
  check(response, { 'status is 200': ({ status }) => status === 200 });
}

export function teardown(): void {
  const calls = countCalls();
  check(null, { 'every backend was called': () => calls.every((count) => count > 0) });
}
