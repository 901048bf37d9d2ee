import { askMock } from './ask-mock.ts';
import { modelHeaderLines, namedHeaderLines } from './reply-lines.ts';
import type { Trace } from './trace.ts';

const promptResults = {
  hate: { filtered: false, severity: 'safe' },
  jailbreak: { filtered: false, detected: false },
  self_harm: { filtered: false, severity: 'safe' },
  sexual: { filtered: false, severity: 'safe' },
  violence: { filtered: false, severity: 'safe' },
};
const { jailbreak, ...severities } = promptResults;
const choiceResults = {
  ...severities,
  protected_material_code: jailbreak,
  protected_material_text: jailbreak,
};

const chatCompletion = {
  id: 'chatcmpl-<id>',
  object: 'chat.completion',
  created: '<time>',
  model: 'gpt-4o-2024-08-06',
  prompt_filter_results: [{ prompt_index: 0, content_filter_results: promptResults }],
  choices: [
    {
      index: 0,
      finish_reason: 'stop',
      logprobs: null,
      message: { role: 'assistant', content: '<text>', refusal: null },
      content_filter_results: choiceResults,
    },
  ],
  system_fingerprint: 'fp_<id>',
  usage: {
    prompt_tokens: '<n>',
    completion_tokens: '<n>',
    total_tokens: '<n>',
    prompt_tokens_details: { audio_tokens: 0, cached_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  },
};

/** Good answers, with their headers and bodies. */
export const successTraces: readonly Trace[] = [
  {
    what: 'headers of a completion, April 2024, in their order',
    grade: 'O',
    source: 'EvolvingPrograms/oaib#11',
    wild: [
      'Cache-Control: no-cache, must-revalidate',
      'Content-Type: application/json',
      'access-control-allow-origin: *',
      'apim-request-id: <uuid 1>',
      'Strict-Transport-Security: max-age=31536000; includeSubDomains; preload',
      'x-content-type-options: nosniff',
      'x-ms-region: West Europe',
      'x-ratelimit-remaining-requests: 29',
      'x-ratelimit-remaining-tokens: 29960',
      'x-accel-buffering: no',
      'x-ms-rai-invoked: true',
      'x-request-id: <uuid 2>',
      'x-ms-client-request-id: <uuid 1>',
      'azureml-model-session: <session>',
    ],
    why: 'the name of the deployment, which came in 2025, is always told',
    ask: async () => {
      // Azure reported 29 and 29960 of 30 calls in 10 s and 30,000 tokens: a call of 40 was the first.
      const options = { region: 'West Europe', quota: '*=standard(tpm=30000, headers=2023)' };
      const path = '/openai/deployments/gpt-35-turbo-instruct/completions?api-version=2023-05-15';
      const reply = await askMock(options, { path, body: { prompt: 'x'.repeat(96), max_tokens: 16 } });
      return modelHeaderLines(reply).map((line) =>
        line.replace(/^(azureml-model-session): .*/, '$1: <session>'),
      );
    },
  },
  {
    what: 'limits in the headers, 2025',
    grade: 'O',
    source: 'the schema of a Logic Apps connector',
    wild: [
      'x-ratelimit-limit-requests: 100',
      'x-ratelimit-limit-tokens: 100000',
      'x-ratelimit-remaining-requests: 99',
      'x-ratelimit-remaining-tokens: 99995',
    ],
    ask: async () => {
      // Azure reported 99995 of 100,000 tokens: a call of 5, here 16 characters and one token to answer.
      const path = '/openai/deployments/gpt-4.1-mini/chat/completions?api-version=2024-10-21';
      const body = { messages: [{ role: 'user', content: 'Hello, you there' }], max_tokens: 1 };
      const reply = await askMock({ quota: '*=standard(tpm=100000)' }, { path, body });
      return namedHeaderLines(
        reply,
        'x-ratelimit-limit-requests',
        'x-ratelimit-limit-tokens',
        'x-ratelimit-remaining-requests',
        'x-ratelimit-remaining-tokens',
      );
    },
  },
  {
    what: 'other headers that came in 2025',
    grade: 'O',
    source: 'the same',
    wild: [
      'x-ms-client-request-id: Not-Set',
      'x-ms-deployment-name: …',
      'x-aml-cluster: …',
      'x-envoy-upstream-service-time: …',
      'ms-azureml-model-time: …',
      'cmp-upstream-response-duration: …',
    ],
    why: 'the id is told as in 2024; of the others no client is known to make use',
    ask: async () =>
      namedHeaderLines(
        await askMock({}),
        'x-ms-client-request-id',
        'x-ms-deployment-name',
        'x-aml-cluster',
        'x-envoy-upstream-service-time',
        'ms-azureml-model-time',
        'cmp-upstream-response-duration',
      ),
  },
  {
    what: 'utilization of provisioned throughput',
    grade: 'V',
    source: 'azure-openai-benchmark; that the limits are missing is uncertain',
    wild: ['azure-openai-deployment-utilization: 12.3%', 'no x-ratelimit-remaining-tokens'],
    ask: async () => {
      const messages = [{ role: 'user', content: 'Good' }];
      const body = { messages, max_tokens: 4611 };
      const reply = await askMock({ quota: '*=ptu(units=15)' }, { body });
      return namedHeaderLines(reply, 'azure-openai-deployment-utilization', 'x-ratelimit-remaining-tokens');
    },
  },
  {
    what: 'a chat completion, its keys in alphabetical order',
    grade: 'O',
    source: 'a trace; docs, concepts/content-filter',
    wild: [sortedJson(chatCompletion)],
    ask: async () => {
      const { body } = await askMock({});
      const told = sortedJson(JSON.parse(body));
      return [
        told
          .replace(/"chatcmpl-\w{29}"/, '"chatcmpl-<id>"')
          .replace(/"fp_\w{10}"/, '"fp_<id>"')
          .replace(/"created":\d{10},/, '"created":"<time>",')
          .replace(/"content":"[^"]*"/, '"content":"<text>"')
          .replaceAll(/"(prompt|completion|total)_tokens":\d+/g, '"$1_tokens":"<n>"'),
      ];
    },
  },
];

/** Writes JSON with the keys of all objects in alphabetical order. */
function sortedJson(value: unknown): string {
  return JSON.stringify(sorted(value));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
