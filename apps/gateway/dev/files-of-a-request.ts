import { once } from 'node:events';
import { createServer } from 'node:http';
import { Session } from 'node:inspector/promises';
import type { AddressInfo } from 'node:net';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configSchema, startGateway } from '../src/index.ts';

/**
 * Lists the source files that a request passes through: those with a function that is called between its arrival and
 * its log line. `node dev/files-of-a-request.ts [path of the request]`
 */

const [path = '/openai/v1/chat/completions'] = process.argv.slice(2);
const root = fileURLToPath(new URL('../../..', import.meta.url));
/** A function on a timer is not called in every one of this many requests. */
const REQUESTS = 5;

const completion = JSON.stringify({
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Water the basil.' } }],
  usage: { prompt_tokens: 9, completion_tokens: 5, total_tokens: 14 },
});
const question = { role: 'user', content: 'When should I water the basil on my balcony? '.repeat(100) };
const body = JSON.stringify({ model: 'gpt-4o', messages: [question], input: [question] });

const backend = createServer((request, response) => {
  request.resume().on('end', () => {
    response.setHeader('content-type', 'application/json').end(completion);
  });
});
backend.listen(0, '127.0.0.1');
await once(backend, 'listening');
const { port } = backend.address() as AddressInfo;

let onLogLine = () => {};
const backends = ['first', 'second'].map((name) => ({
  name,
  url: `http://127.0.0.1:${port}`,
  apiKey: 'none',
}));
const gateway = await startGateway(configSchema.parse({ port: 0, admin: false, backends }), {
  write: () => onLogLine(),
});
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });

await send();
let files = await filesCalled();
for (let sent = 0; sent < REQUESTS; sent++) {
  await session.post('Profiler.takePreciseCoverage');
  await send();
  const called = await filesCalled();
  files = sent === 0 ? called : files.filter((file) => called.includes(file));
}
process.stdout.write(`${files.join('\n')}\n${files.length} files\n`);
await gateway.stop(0);
backend.close();

async function send(): Promise<void> {
  const isRecorded = new Promise<void>((resolve) => (onLogLine = resolve));
  const headers = { 'content-type': 'application/json', 'api-key': 'none' };
  const response = await fetch(gateway.url + path, { method: 'POST', headers, body });
  await response.text();
  if (!response.ok) throw new Error(`The gateway answered ${response.status}.`);
  await isRecorded;
}

/** Returns our files of which functions were called since the coverage was last taken. */
async function filesCalled(): Promise<string[]> {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  return result
    .filter(({ url }) => /\/(?:gateway|core)\/src\//.test(url))
    .filter(({ functions }) => functions.some(({ functionName, ranges }) => isCall(functionName, ranges)))
    .map(({ url }) => relative(root, fileURLToPath(url)))
    .sort();
}

/** A module's own code is the unnamed function at its beginning. */
function isCall(name: string, ranges: readonly { startOffset: number; count: number }[]): boolean {
  const [{ startOffset, count } = { startOffset: 0, count: 0 }] = ranges;
  return count > 0 && !(name === '' && startOffset === 0);
}
