import { randomUUID } from 'node:crypto';

const filtered = { filtered: false, severity: 'safe' };
const filterResults = { hate: filtered, self_harm: filtered, sexual: filtered, violence: filtered };

const completion = {
  id: 'chatcmpl-9Kx2vY0bZr1mQ4s6tU8wA3cE5gI7k',
  object: 'chat.completion',
  created: 1_714_562_000,
  model: 'gpt-4o-2024-08-06',
  choices: [
    {
      index: 0,
      finish_reason: 'stop',
      logprobs: null,
      message: {
        role: 'assistant',
        content: 'Water the basil when the top of the soil is dry, about every other day in summer.',
        refusal: null,
      },
      content_filter_results: filterResults,
    },
  ],
  system_fingerprint: 'fp_67802d9a6d',
  usage: {
    prompt_tokens: 38,
    completion_tokens: 21,
    total_tokens: 59,
    prompt_tokens_details: { audio_tokens: 0, cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  },
};

/**
 * The byte that occurs exactly once in every event of a canned stream, so that events can be counted without parsing.
 */
export const eventMark = '~';

/** The one event that a canned stream repeats, in its chunked framing: about 300 bytes of SSE. */
export const cannedEvent = frameChunk(
  `data: ${JSON.stringify({
    choices: [{ content_filter_results: filterResults, delta: { content: ` ${eventMark}` }, index: 0 }],
    id: completion.id,
    object: 'chat.completion.chunk',
    usage: null,
  })}\n\n`,
);

/** The canned backend's chat completion: about 780 bytes of body and the headers of a real one. */
export const cannedCompletion = Buffer.from(
  responseHead('application/json', `Content-Length: ${JSON.stringify(completion).length}`) +
    JSON.stringify(completion),
);

/** The head of a canned stream. */
export const cannedStreamHead = Buffer.from(responseHead('text/event-stream', 'Transfer-Encoding: chunked'));

/** The key that every client sends to the proxy. */
export const clientKey = 'client-key';

/** Makes the request that a client sends repeatedly, for a host and the client's number. */
export type RequestOf = (host: string, client: number) => Buffer;

/** The requests of a benchmark's clients, by their names in reports. */
export const chats = {
  '200 B': (host: string) => chatRequest(host, false),
  '6 KB': conversationRequest,
} satisfies Record<string, RequestOf>;

/** A chat completion as the `openai` package would send it to `host`: about 200 bytes of body. */
export function chatRequest(host: string, isStream: boolean, maxTokens = 100): Buffer {
  const messages = [
    { role: 'system', content: 'You answer in one short sentence.' },
    { role: 'user', content: 'How often should I water a basil plant on a sunny balcony?' },
  ];
  return request(host, { messages, max_tokens: maxTokens, stream: isStream });
}

const rule =
  'Say which plant it is about, and "ask the gardener" where its label – not its look – is unclear.';

/** About 4 KB: a beginning whose tokens Azure caches, different for each number. */
function instructions(number: number): string {
  const rules = Array.from({ length: 40 }, (_, index) => `${index + 1}. ${rule}`);
  return `You are the assistant of garden ${number}. Its rules are these:\n${rules.join('\n')}`;
}

/**
 * A chat completion of a long conversation, a different one for each number: about 6 KB of body with 1,300 tokens, as
 * assistants send with every turn.
 */
function conversationRequest(host: string, number: number): Buffer {
  const turn = [
    {
      role: 'user',
      content: `And number ${number}? It stands in the shade from noon on, "as the label says".`,
    },
    { role: 'assistant', content: 'Water it once a week, in the morning, and less when it rains.' },
  ];
  const turns = Array.from({ length: 8 }, () => turn).flat();
  const messages = [{ role: 'system', content: instructions(number) }, ...turns, turn[0]];
  return request(host, { messages, max_tokens: 200, stream: false });
}

function request(host: string, content: object): Buffer {
  const body = JSON.stringify(content);
  const lines = [
    'POST /openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21 HTTP/1.1',
    `Host: ${host}`,
    'Accept: application/json',
    'Content-Type: application/json',
    'User-Agent: AzureOpenAI/JS 7.57.0',
    'X-Stainless-Retry-Count: 0',
    'X-Stainless-Timeout: 600',
    'X-Stainless-Lang: js',
    'X-Stainless-Package-Version: 7.57.0',
    'X-Stainless-OS: Linux',
    'X-Stainless-Arch: x64',
    'X-Stainless-Runtime: node',
    'X-Stainless-Runtime-Version: v24.21.0',
    `api-key: ${clientKey}`,
    'Connection: keep-alive',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

function responseHead(contentType: string, framing: string): string {
  const id = randomUUID();
  const lines = [
    'HTTP/1.1 200 OK',
    framing,
    `Content-Type: ${contentType}`,
    'Cache-Control: no-cache, must-revalidate',
    'access-control-allow-origin: *',
    `apim-request-id: ${id}`,
    'Strict-Transport-Security: max-age=31536000; includeSubDomains; preload',
    'x-content-type-options: nosniff',
    'x-ms-region: West Europe',
    // More than is ever sent in a minute: a proxy that believes the remaining quota would otherwise hold back.
    'x-ratelimit-limit-requests: 100000000',
    'x-ratelimit-limit-tokens: 10000000000',
    'x-ratelimit-remaining-requests: 99999999',
    'x-ratelimit-remaining-tokens: 9999999960',
    'x-accel-buffering: no',
    `x-request-id: ${randomUUID()}`,
    `x-ms-client-request-id: ${id}`,
    `Date: ${new Date().toUTCString()}`,
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function frameChunk(text: string): Buffer {
  return Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
}
