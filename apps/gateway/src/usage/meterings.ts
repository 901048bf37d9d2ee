/** How an operation's answer is metered. */
export interface Metering {
  /** As written in the docs; `*` is one segment of a path, `**` any number. */
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'any';
  /**
   * Where an answer reports its usage: at its end, anywhere in it, repeatedly while it runs, in a later answer about
   * the same object, in the first answer about an object whose creation reported none, or nowhere.
   */
  readonly told: 'at-end' | 'anywhere' | 'running' | 'or-later' | 'of-earlier' | 'never';
  /** The basis of an estimate where the answer does not report its usage, or only part of it. */
  readonly estimate: 'text' | 'any' | 'images' | 'videos' | 'speech' | 'recording' | 'nothing';
  /** The explanation in the docs. */
  readonly how: string;
}

/** Any other operation of a deployment. */
export const OF_DEPLOYMENT = 'deployments/*/**';
/** Any other operation. */
export const OTHERS = '**';
const TEXT = 'else one token per four bytes relayed';

/** Every operation that uses tokens or is known to use none, the most specific first. */
export const meterings: readonly Metering[] = [
  {
    operation: 'chat/completions',
    method: 'POST',
    told: 'anywhere',
    estimate: 'text',
    how: `\`usage\`; streams are asked for it if the API version supports that; ${TEXT}`,
  },
  {
    operation: 'extensions/chat/completions',
    method: 'POST',
    told: 'anywhere',
    estimate: 'text',
    how: `\`usage\` (Azure OpenAI On Your Data before 2024); ${TEXT}`,
  },
  {
    operation: 'completions',
    method: 'POST',
    told: 'anywhere',
    estimate: 'text',
    how: `\`usage\`; streams are asked for it if the API version supports that; ${TEXT}`,
  },
  {
    operation: 'embeddings',
    method: 'POST',
    told: 'at-end',
    estimate: 'nothing',
    how: '`usage`; there is no output',
  },
  {
    operation: 'images/embeddings',
    method: 'POST',
    told: 'at-end',
    estimate: 'nothing',
    how: '`usage`; there is no output',
  },
  {
    operation: 'responses',
    method: 'POST',
    told: 'or-later',
    estimate: 'text',
    how: `\`usage\`, for a stream from its last event, in the background from the first later answer that reports it; ${TEXT}`,
  },
  {
    operation: 'responses/compact',
    method: 'POST',
    told: 'anywhere',
    estimate: 'text',
    how: `\`usage\`; ${TEXT}`,
  },
  {
    operation: 'responses/input_tokens',
    method: 'POST',
    told: 'never',
    estimate: 'nothing',
    how: 'one request, no tokens: no model is asked',
  },
  {
    operation: 'responses/*',
    method: 'any',
    told: 'of-earlier',
    estimate: 'nothing',
    how: '`usage` of a response in the background, once, charged to the client that created it; else one request, no tokens',
  },
  {
    operation: 'responses/*/cancel',
    method: 'POST',
    told: 'of-earlier',
    estimate: 'nothing',
    how: 'as `responses/*`',
  },
  {
    operation: 'messages',
    method: 'POST',
    told: 'running',
    estimate: 'text',
    how: `\`usage\`, cached input included; for a stream, from its first and last events; ${TEXT}`,
  },
  {
    operation: 'messages/count_tokens',
    method: 'POST',
    told: 'never',
    estimate: 'nothing',
    how: 'one request, no tokens: no model is asked',
  },
  {
    operation: 'moderations',
    method: 'POST',
    told: 'never',
    estimate: 'nothing',
    how: 'one request, no tokens: they are free',
  },
  ...['images/generations', 'images/edits', 'images/variations'].map((operation): Metering => ({
    operation,
    method: 'POST',
    told: 'anywhere',
    estimate: 'images',
    how: '`usage`; else 1,056 tokens per image, as DALL·E reports none; if the answer is broken off, at least for each requested image',
  })),
  ...['videos', 'videos/edits', 'videos/extensions', 'videos/*/remix', 'video/generations/jobs'].map(
    (operation): Metering => ({
      operation,
      method: 'POST',
      told: 'anywhere',
      estimate: 'videos',
      how: '1,056 tokens per requested second and variant, as no answer reports any',
    }),
  ),
  ...['audio/transcriptions', 'audio/translations'].map((operation): Metering => ({
    operation,
    method: 'POST',
    told: 'anywhere',
    estimate: 'recording',
    how: '`usage` in tokens, or in seconds at 10 tokens per second; else one token per 1,600 bytes of the request',
  })),
  {
    operation: 'audio/speech',
    method: 'POST',
    told: 'anywhere',
    estimate: 'speech',
    how: '`usage` of a stream of events; else one token per 800 bytes of audio, or per 2,400 if it is not compressed; if it is broken off, at least one per byte of the request',
  },
  {
    operation: 'realtime',
    method: 'GET',
    told: 'running',
    estimate: 'text',
    how: `\`usage\` of each \`response.done\` and of each transcription, charged when it is reported, in seconds at 10 tokens per second; ${TEXT}, and per 3,200 characters of audio`,
  },
  ...['realtime/*', 'realtime/translations/*', 'realtimeapi/*'].map((operation): Metering => ({
    operation,
    method: 'any',
    told: 'never',
    estimate: 'nothing',
    how: 'one request, no tokens. Calls opened this way bypass the gateway and are not metered',
  })),
  {
    operation: 'files',
    method: 'POST',
    told: 'anywhere',
    estimate: 'nothing',
    how: 'one request, no tokens. The lines of a file for batches are read: the models that they name, and the tokens that they may use',
  },
  {
    operation: 'batches',
    method: 'POST',
    told: 'never',
    estimate: 'nothing',
    how: 'one request; the first of a file takes no tokens, as they were charged with it, and each further one all of them again',
  },
  {
    operation: 'messages/batches',
    method: 'POST',
    told: 'never',
    estimate: 'nothing',
    how: 'one request, and the tokens that all its requests may use',
  },
  {
    operation: 'chat/completions/*',
    method: 'any',
    told: 'never',
    estimate: 'nothing',
    how: 'one request, no tokens: a stored one repeats the usage that it reported before',
  },
  {
    operation: OF_DEPLOYMENT,
    method: 'POST',
    told: 'anywhere',
    estimate: 'any',
    how: 'any other that names a deployment: `usage`; else one token per four bytes of all relayed texts, and 1,056 per image',
  },
  {
    operation: OTHERS,
    method: 'POST',
    told: 'anywhere',
    estimate: 'nothing',
    how: 'passed through: `usage` if the answer reports it; else one request, no tokens',
  },
  {
    operation: OTHERS,
    method: 'any',
    told: 'never',
    estimate: 'nothing',
    how: 'passed through: one request, no tokens',
  },
];
