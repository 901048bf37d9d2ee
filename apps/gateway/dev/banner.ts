import { setTimeout as wait } from 'node:timers/promises';

/** Waits until the gateway and its mocks answer, then prints things to try. */

const GATEWAY = 'http://127.0.0.1:8080';
const OPERATORS = 'http://127.0.0.1:8090';
const PAGE = 'http://127.0.0.1:8091';
const MOCKS = ['http://127.0.0.1:8081', 'http://127.0.0.1:8082', 'http://127.0.0.1:8083'];
const TRAFFIC =
  process.env['DEMO_TRAFFIC'] === 'off'
    ? 'without demo traffic'
    : 'with a little demo traffic (DEMO_TRAFFIC=off for none)';
const PATIENCE_MS = 60_000;
const POLL_EVERY_MS = 100;

const deadlineMs = performance.now() + PATIENCE_MS;
const probes = [PAGE, `${GATEWAY}/readyz`, ...MOCKS.map((mock) => `${mock}/_mock/counters`)];
while (!(await Promise.all(probes.map(answers))).every(Boolean)) {
  if (performance.now() > deadlineMs) {
    process.stderr.write(`Not all of these answered within a minute: ${probes.join(', ')}\n`);
    process.exit(1);
  }
  await wait(POLL_EVERY_MS);
}
process.stdout.write(`
  Watch it on ${PAGE}: press "Throttle 15 s" beside Priority 1, and see requests spill and return

  Spillway is ready on ${GATEWAY}, ${TRAFFIC}

    priority 1   eastus         ${MOCKS[0]}
                 swedencentral  ${MOCKS[1]}
    priority 2   westeurope     ${MOCKS[2]}

  Send it a chat completion; the headers say which backend answered, after how many attempts:

    curl -i '${GATEWAY}/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21' \\
      -H 'content-type: application/json' -d '{"messages":[{"role":"user","content":"Hello"}]}'

  Throttle both backends of priority 1 for 20 seconds, and send it again:

    curl -s -o /dev/null -X PUT ${MOCKS[0]}/_mock/script -d '20s throttle(retry-after=20)'
    curl -s -o /dev/null -X PUT ${MOCKS[1]}/_mock/script -d '20s throttle(retry-after=20)'

  Spillway returns to them when the 20 seconds are over.

  See what happened, with everything else for operators:

    curl ${OPERATORS}/admin/state

  Ctrl-C stops everything.

`);

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    (response) => response.ok,
    () => false,
  );
}
