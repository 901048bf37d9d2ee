import { askMock } from './ask-mock.ts';
import { outlineEvent } from './outline-event.ts';
import { namedHeaderLines, statusLine } from './reply-lines.ts';
import type { MockOptions } from '../../src/options/options.ts';
import type { Trace } from './trace.ts';

const emptyId = '"id":"", "object":""';
const chunk = '"id":"chatcmpl-…", "object":"chat.completion.chunk"';
const offsets = '"content_filter_offsets":{"check_offset","start_offset","end_offset"}';
const opening = [
  `${emptyId}, "choices":[], "prompt_filter_results":[…], "usage":null`,
  `${chunk}, "delta":{"content":"","refusal":null,"role":"assistant"}, "usage":null`,
];
const ending = [`${chunk}, "choices":[], "usage":{…}`, '[DONE]'];

/** Streams of chat completions, event by event; consecutive events that say the same are written once. */
export const streamTraces: readonly Trace[] = [
  {
    what: 'head of a stream',
    grade: 'U',
    source: 'no trace is public',
    wild: [
      'HTTP/1.1 200 OK',
      'Content-Type: text/event-stream; charset=utf-8',
      'Transfer-Encoding: chunked',
      'x-accel-buffering: no',
    ],
    ask: async () => {
      const reply = await askMock({}, { body: streamBody() });
      const names = ['Content-Type', 'Transfer-Encoding', 'x-accel-buffering'];
      return [statusLine(reply), ...namedHeaderLines(reply, ...names)];
    },
  },
  {
    ...events({}),
    what: 'chunks, default filter',
    grade: 'O',
    source: 'autogen#6465, langroid#292; docs, concepts/content-streaming',
    wild: [
      ...opening,
      `${chunk}, "delta":{"content":"…"}, "content_filter_results":{…}, "usage":null`,
      `${chunk}, "delta":{}, "finish_reason":"stop", "usage":null`,
      ...ending,
    ],
  },
  {
    ...events({ contentFilter: 'asynchronous' }),
    what: 'chunks, asynchronous filter: annotations without `delta`, also after the finish',
    grade: 'O',
    source: 'langchain#18977, autogen#6465, CopilotKit#2468',
    wild: [
      ...opening,
      `${chunk}, "delta":{"content":"…"}, "usage":null`,
      `${chunk}, "delta":{}, "finish_reason":"stop", "usage":null`,
      `${emptyId}, "content_filter_results":{…}, ${offsets}, "usage":null`,
      ...ending,
    ],
  },
  {
    what: 'end of a stream that the filter blocks',
    grade: 'D',
    source: 'docs, concepts/content-filter',
    wild: ['"finish_reason":"content_filter"', '[DONE]'],
    ask: async () => {
      const { body } = await askMock({ script: 'block' }, { body: streamBody() });
      const [last = '', , done = ''] = body.trimEnd().split('\n\n').slice(-3);
      return [/"finish_reason":"[^"]*"/.exec(last)?.[0] ?? last, done.replace('data: ', '')];
    },
  },
];

function streamBody(): object {
  const messages = [{ role: 'user', content: 'Hello' }];
  return { messages, stream: true, stream_options: { include_usage: true } };
}

function events(options: MockOptions): Pick<Trace, 'ask'> {
  return {
    ask: async () => {
      const { body } = await askMock(options, { body: streamBody() });
      const all = body.split('\n\n').filter((event) => event !== '');
      const lines = all.map((event) => outlineEvent(event.replace('data: ', '')));
      return lines.filter((line, index) => line !== lines[index - 1]);
    },
  };
}
