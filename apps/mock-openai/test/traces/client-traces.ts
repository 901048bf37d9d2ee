import { AzureOpenAI } from 'openai';
import { withMock } from './ask-mock.ts';
import type { Mock } from '../../src/mock.ts';
import type { Trace } from './trace.ts';

const grade = 'V';
const source = 'openai 7.57.0';
const call = { model: 'gpt-4o', messages: [{ role: 'user' as const, content: 'Hello' }] };

/** How the `openai` package handles a stream that breaks, and the times in a 429. */
export const clientTraces: readonly Trace[] = [
  {
    ...brokenStream('error(after-chunks=4)', ['create(): APIError, 1 request']),
    what: 'an error event mid-stream',
  },
  {
    ...brokenStream('error(after-chunks=4, form=event)', ['create(): APIError, 1 request']),
    what: 'the same after `event: error`',
  },
  {
    ...brokenStream('reset(after-chunks=4)', ['create(): TypeError terminated, 1 request']),
    what: 'a reset mid-stream, as in LibreChat#15760',
  },
  {
    ...brokenStream('truncate(after-chunks=4)', [
      'create(): ends as if it were whole, 1 request',
      'stream(): OpenAIError missing finish_reason for choice 0, 1 request',
    ]),
    what: 'a clean end without `[DONE]`, as in litellm#40260',
  },
  { ...throttled(61_000, 'retry-after=61', 'asks again before 61 s are over'), what: '`Retry-After: 61`' },
  {
    ...throttled(86_400_000, 'retry-after=86400', 'asks again before 86400 s are over'),
    what: '`Retry-After: 86400`',
  },
  { ...throttled(1000, 'retry-after=1', 'asks again when 1 s is over'), what: '`Retry-After: 1`' },
  {
    ...throttled(300, 'retry-after-ms=300', 'asks again when 0.3 s are over'),
    what: '`retry-after-ms: 300`',
  },
  {
    ...throttled(1000, 'retry-after=1, header.x-should-retry=false', 'RateLimitError, 1 request'),
    what: '`x-should-retry: false`',
  },
];

/** Reads a stream that a script breaks in each of the ways that the trace names. */
function brokenStream(script: string, wild: readonly string[]): Omit<Trace, 'what'> {
  const ask = async () => {
    const lines: string[] = [];
    for (const line of wild) {
      const name = line.startsWith('create') ? 'create' : 'stream';
      lines.push(await withMock({ script }, (mock) => readBrokenStream(mock, name)));
    }
    return lines;
  };
  return { grade, source, wild, ask };
}

async function readBrokenStream(mock: Mock, name: 'create' | 'stream'): Promise<string> {
  const { completions } = clientOf(mock).chat;
  const read = async () => {
    if (name === 'stream') await completions.stream(call).finalChatCompletion();
    else for await (const chunk of await completions.create({ ...call, stream: true })) void chunk;
    return 'ends as if it were whole';
  };
  const outcome = await read().catch(describeError);
  return `${name}(): ${outcome}, ${countRequests(mock)}`;
}

/** Has a script throttle one call, and observes how the client uses the stated time. */
function throttled(toldMs: number, fields: string, seen: string): Omit<Trace, 'what'> {
  const ask = async () => [
    await withMock({ script: `1x throttle(${fields})` }, (mock) => seeRetry(mock, toldMs)),
  ];
  return { grade, source, wild: [seen], ask };
}

async function seeRetry(mock: Mock, toldMs: number): Promise<string> {
  try {
    await clientOf(mock).chat.completions.create(call);
  } catch (error) {
    return `${describeError(error)}, ${countRequests(mock)}`;
  }
  const [first, second] = mock.requests.map(({ receivedAtMs }) => receivedAtMs);
  if (first === undefined || second === undefined) return 'does not ask again';
  const told = toldMs === 1000 ? '1 s is' : `${toldMs / 1000} s are`;
  return `asks again ${second - first < toldMs ? 'before' : 'when'} ${told} over`;
}

function clientOf(mock: Mock): AzureOpenAI {
  return new AzureOpenAI({ endpoint: mock.url, apiKey: 'x', apiVersion: '2024-10-21' });
}

function countRequests({ counters }: Mock): string {
  return counters.total === 1 ? '1 request' : `${counters.total} requests`;
}

/** Names an error; the service's own words are not the client's. */
function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { name } = error.constructor;
  return name === 'TypeError' || name === 'OpenAIError' ? `${name} ${error.message}` : name;
}
