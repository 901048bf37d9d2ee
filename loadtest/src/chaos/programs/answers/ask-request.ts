import { Chance } from '../../chance.ts';
import { makeMarker } from '../../marker.ts';
import { chatLine, head, octets } from '../../peers/piece.ts';
import { RawClient } from '../../peers/raw-client.ts';
import type { Stage } from '../program.ts';

/** The gateway's own limits end every attempt sooner. */
const ANSWER_LIMIT_MS = 40_000;

interface PlannedRequest {
  readonly marker: string;
  readonly bytes: Buffer;
  readonly createsObject: boolean;
}

function planRequest(seed: number, index: number): PlannedRequest {
  const chance = new Chance(seed, 'ask', index);
  const marker = makeMarker(index, 0);
  const kind = chance.weigh({ chat: 4, stream: 4, response: 2, file: 2, batch: 1 });
  if (kind === 'file') {
    const line = `GET /openai/v1/files/file-${marker} HTTP/1.1`;
    return { marker, bytes: octets(head(line, marker)), createsObject: false };
  }
  const stream = kind === 'stream' || (kind === 'response' && chance.is(0.3)) ? '"stream":true,' : '';
  const body = `{${stream}"model":"gpt-4o","user":"${marker}","input":"Hello","messages":[{"role":"user","content":"Hello"}]}`;
  const lines = {
    chat: chatLine(marker),
    stream: chatLine(marker),
    response: `POST /openai/v1/responses?chaos=${marker} HTTP/1.1`,
    batch: `POST /openai/v1/batches?chaos=${marker} HTTP/1.1`,
  };
  const text = head(lines[kind], marker, 'Content-Type: application/json', `Content-Length: ${body.length}`);
  return { marker, bytes: octets(text, body), createsObject: kind === 'response' || kind === 'batch' };
}

/** Sends one request as a good client does, and reads its answer to the end. */
export async function askRequest(
  { seed, port, findings, arrivals, answers }: Stage,
  index: number,
): Promise<void> {
  const { marker, bytes, createsObject } = planRequest(seed, index);
  arrivals.send(marker, createsObject);
  const client = new RawClient(port);
  client.write(bytes);
  await client.until(() => client.answers.length > 0, ANSWER_LIMIT_MS);
  const { state, trouble } = client;
  // Bytes after the answer would belong to no request.
  const isMore = client.answers.length > 1 || (state === 'open' && client.reader.isWithinAnswer);
  client.leave('fin');
  if (trouble !== undefined) findings.add('well-formed', trouble, index);
  else if (isMore) findings.add('well-formed', 'something follows the answer', index);
  const [answer] = client.answers;
  if (answer === undefined && trouble === undefined)
    findings.add('answered', `there is no answer; the connection: ${state}`, index);
  else if (answer?.isWhole === false && state === 'open')
    findings.add('answered', `an answer does not end: ${answer.status}, ${answer.bodyBytes} bytes`, index);
  if (answer !== undefined) answers.see(answer, { caseIndex: index, marker, hasStayed: true });
}

/** Describes a client's request. */
export function describeRequest(seed: number, index: number): string {
  return JSON.stringify(planRequest(seed, index).bytes.toString('latin1'));
}
