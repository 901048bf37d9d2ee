/** All backends answer: only priority 1 is used. `k6 run loadtest/k6/normal.ts` while `pnpm dev` runs. */
import { check } from 'k6';
import type { Options } from 'k6/options';
import { askGateway, countCalls, setScripts } from './gateway.ts';

export const options: Options = {
  scenarios: {
    clients: { executor: 'constant-arrival-rate', rate: 200, duration: '10s', preAllocatedVUs: 50 },
  },
  thresholds: { checks: ['rate==1'], http_req_failed: ['rate==0'] },
};

export function setup(): void {
  setScripts([]);
}

export default function sendOne(): void {
  check(askGateway(), { 'status is 200': ({ status }) => status === 200 });
}

export function teardown(): void {
  const [first = 0, second = 0, third] = countCalls();
  check(null, {
    'both backends of priority 1 were called': () => first > 0 && second > 0,
    'priority 2 was not called': () => third === 0,
  });
}
