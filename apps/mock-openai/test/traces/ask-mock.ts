import { request } from 'node:http';
import { startMock } from '../../src/start-mock.ts';
import { chatBody, chatPath } from '../testing/post.ts';
import type { IncomingMessage } from 'node:http';
import type { Mock } from '../../src/mock.ts';
import type { MockOptions } from '../../src/options/options.ts';

/** An HTTP answer as it came. */
export interface Reply {
  readonly status: number;
  readonly reason: string;
  /** Names, as they are spelt, and values. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

/** The posted request and its key; a small chat completion without one when left out. */
export interface Question {
  readonly path?: string;
  readonly body?: object;
  readonly key?: string;
}

/** Starts a mock, runs something with it, and stops it. */
export async function withMock<T>(options: MockOptions, happen: (mock: Mock) => Promise<T>): Promise<T> {
  const mock = await startMock(options);
  try {
    return await happen(mock);
  } finally {
    await mock.stop();
  }
}

/** Sends requests, one after the other, to a mock started for them. Returns the last reply. */
export function askMock(options: MockOptions, ...questions: readonly Question[]): Promise<Reply> {
  return withMock(options, async (mock) => {
    const [last = {}, ...before] = questions.toReversed();
    for (const question of before.toReversed()) await ask(mock, question);
    return ask(mock, last);
  });
}

/** Posts to a mock, and reads the whole answer. */
async function ask(mock: Mock, question: Question): Promise<Reply> {
  const { path = chatPath, body = chatBody, key } = question;
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { 'content-type': 'application/json', ...(key !== undefined && { 'api-key': key }) };
    const sent = request(mock.url + path, { method: 'POST', headers }, resolve);
    sent.once('error', reject);
    sent.end(JSON.stringify(body));
  });
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const { statusCode: status = 0, statusMessage: reason = '', rawHeaders } = message;
  const headers = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ''] as const] : [],
  );
  return { status, reason, headers, body: Buffer.concat(chunks).toString() };
}
