import { once } from 'node:events';
import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import type { Answer } from '../../http/response-reader.ts';
import type { Stage } from '../program.ts';
import { planRequest, type PlannedRequest } from './plan-request.ts';

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
const CHUNK_BYTES = 16_384;
const KEPT_BYTES = 512;
/** The gateway's own limits end every request sooner. */
const ANSWER_LIMIT_MS = 40_000;

/** How a request ended for its client. */
type Ended =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly error: NodeJS.ErrnoException };

/** Sends one request on a kept connection, and reads its answer to the end, or leaves. */
export async function sendRequest(
  { seed, port, findings, arrivals, answers }: Stage,
  index: number,
): Promise<void> {
  const plan = planRequest(seed, index);
  const { marker, leavesAfterMs } = plan;
  arrivals.send(marker, plan.createsObject);
  const hasStayed = leavesAfterMs === undefined;
  const ended = await exchange(port, plan);
  if (ended.kind === 'answered') {
    answers.see(ended.answer, { caseIndex: index, marker, hasStayed });
    return;
  }
  const { code = '', message } = ended.error;
  if (code.startsWith('HPE_')) findings.add('well-formed', message, index);
  // The answer may come, and the connection end, before all of a long body has been sent.
  else if (hasStayed && plan.kind !== 'upload' && plan.kind !== 'file')
    findings.add('answered', `there is no answer: ${code} ${message}`, index);
}

/** Ends the kept connections. */
export function endKept(): Promise<void> {
  agent.destroy();
  return Promise.resolve();
}

function exchange(port: number, plan: PlannedRequest): Promise<Ended> {
  const { path, marker, body, isChunked, leavesAfterMs } = plan;
  const length = isChunked ? {} : { 'content-length': body.length };
  const headers = { 'content-type': 'application/json', 'x-chaos-id': marker, ...length };
  return new Promise((resolve) => {
    const asking = request({ host: '127.0.0.1', port, path, method: 'POST', agent, headers });
    const leaving =
      leavesAfterMs === undefined ? undefined : setTimeout(() => asking.destroy(), leavesAfterMs);
    const limit = setTimeout(
      () => asking.destroy(new Error(`not over in ${ANSWER_LIMIT_MS} ms`)),
      ANSWER_LIMIT_MS,
    );
    const end = (ended: Ended) => {
      clearTimeout(limit);
      clearTimeout(leaving);
      resolve(ended);
    };
    asking.on('error', (error) => end({ kind: 'failed', error }));
    asking.on('response', (response) => readAnswer(response, (answer) => end({ kind: 'answered', answer })));
    if (isChunked) void writeInChunks(asking, body);
    else asking.end(body);
  });
}

async function writeInChunks(asking: ClientRequest, body: Buffer): Promise<void> {
  for (let at = 0; at < body.length && !asking.destroyed; at += CHUNK_BYTES) {
    if (asking.write(body.subarray(at, at + CHUNK_BYTES))) await turn();
    else await Promise.race([once(asking, 'drain'), once(asking, 'close')]).catch(() => {});
  }
  asking.end();
}

/** Reads to the end, or to where it breaks off. */
function readAnswer(response: IncomingMessage, done: (answer: Answer) => void): void {
  let bodyBytes = 0;
  let tail: Buffer = Buffer.alloc(0);
  response.on('data', (chunk: Buffer) => {
    bodyBytes += chunk.length;
    tail = Buffer.concat([tail, chunk.subarray(-KEPT_BYTES)]).subarray(-KEPT_BYTES);
  });
  response.on('error', () => {});
  response.on('close', () => {
    const headers = new Map(Object.entries(response.headers).map(([name, value]) => [name, String(value)]));
    const { statusCode: status = 0, complete: isWhole } = response;
    done({ status, headers, bodyBytes, start: Buffer.alloc(0), tail, isWhole });
  });
}
