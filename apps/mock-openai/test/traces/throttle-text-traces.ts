import { askMock } from './ask-mock.ts';
import { bodyLines } from './reply-lines.ts';
import type { MockOptions } from '../../src/options/options.ts';
import type { Trace } from './trace.ts';

const chat = (version: string) => `/openai/deployments/gpt-4.1-nano/chat/completions?api-version=${version}`;
const embeddings = '/openai/deployments/text-embedding-ada-002/embeddings?api-version=2022-12-01';

/** The texts of a 429, whole bodies. */
export const throttleTextTraces: readonly Trace[] = [
  {
    ...throttled('text=token-rate, retry-after=55', chat('2023-05-15')),
    what: 'tokens',
    grade: 'O',
    source: 'climb#1, dbchatprov2#2',
    wild: quoted(
      'Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2023-05-15 have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 55 seconds. Please go here: https://aka.ms/oai/quotaincrease if you would like to further increase the default rate limit.',
    ),
  },
  {
    ...throttled('text=token-rate-aiservices, retry-after=86400', chat('2023-05-15')),
    what: 'tokens, of a resource of the kind AIServices',
    grade: 'O',
    source: 'TinyLLM#17, whose beginning is taken to be as above',
    wild: quoted(
      'Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2023-05-15 have exceeded token rate limit of your current AIServices S0 pricing tier. Please retry after 86400 seconds. Please contact Azure support service if you would like to further increase the default rate limit.',
    ),
  },
  {
    ...throttled('text=call-rate, retry-after=9', embeddings),
    what: 'calls',
    grade: 'O',
    source: 'weaviate#3095, langchain#12986',
    wild: quoted(
      'Requests to the Embeddings_Create Operation under Azure OpenAI API version 2022-12-01 have exceeded call rate limit of your current OpenAI S0 pricing tier. Please retry after 9 seconds. Please go here: https://aka.ms/oai/quotaincrease if you would like to further increase the default rate limit.',
    ),
  },
  {
    ...throttled('text=call-rate-short, retry-after=4', chat('2023-12-01-preview')),
    what: 'calls, short; with a space that no other has',
    grade: 'O',
    source: 'azure-search-openai-demo#177, graphrag-accelerator#129',
    wild: ['{"error":{"code":"429","message": "Rate limit is exceeded. Try again in 4 seconds."}}'],
  },
  {
    ...throttled('text=token-rate-2025, retry-after=45', chat('2023-05-15'), 'Sweden Central'),
    what: 'tokens, December 2025',
    grade: 'O',
    source: 'paperless-gpt#814, which may have been cut at its end',
    wild: quoted(
      'Your requests to gpt-4.1-nano for gpt-4.1-nano in Sweden Central have exceeded the token rate limit for your current AIServices S0 pricing tier. This request was for ChatCompletions_Create under Azure OpenAI API version 2023-05-15. Please retry after 45 seconds.',
    ),
  },
  {
    ...throttled('text=high-demand, retry-after=20', chat('2024-10-21')),
    what: 'capacity that is shared, December 2025',
    grade: 'O',
    source: 'pollinations#6260',
    wild: quoted(
      'The system is currently experiencing high demand and cannot process your request. Your request exceeds the maximum usage size allowed during peak load. Please retry after 20 seconds. For improved latency reliability, consider switching to Provisioned Throughput.',
    ),
  },
  {
    ...throttled('text=ptu, retry-after=1', chat('2024-10-21')),
    what: 'provisioned throughput',
    grade: 'U',
    source: 'none',
    wild: [],
    why: 'the words are the mock’s own; `message` sets others',
  },
];

function throttled(step: string, path: string, region?: string): Pick<Trace, 'ask'> {
  const options: MockOptions = { script: `throttle(${step})`, region };
  return { ask: async () => bodyLines(await askMock(options, { path })) };
}

function quoted(message: string): string[] {
  return [`{"error":{"code":"429","message":"${message}"}}`];
}
