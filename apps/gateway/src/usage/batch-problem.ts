import { GatewayError } from '../errors.ts';
import type { BatchProblem } from './batch-demand.ts';

const WORDS: Readonly<Record<Exclude<BatchProblem['kind'], 'long-answer'>, string>> = {
  'not-json': 'is not a JSON object with an object as its "body". Write one request in each line.',
  'no-model': 'names no model. Write the name of its deployment as "model" of its "body".',
  'several-models': 'names its model, "url" or "body" more than once. Write each of them once.',
  'unknown-url':
    'has a "url" that is no operation of a model. Write "/v1/chat/completions", "/v1/responses", "/v1/embeddings" or ' +
    'another one.',
  'line-too-long': 'is longer than 16 MiB. Split it, or refer to images by their addresses.',
  'too-many-models': 'names the 1,001st model; a file may name 1,000. Split the file.',
};

/**
 * Returns the error for a line of a client's batch file that cannot be accepted.
 *
 * @param maxOutputTokens the limit on all answers of a line together
 */
export function batchRefused({ line, kind }: BatchProblem, maxOutputTokens?: number): GatewayError {
  const words = kind === 'long-answer' ? tooLong(maxOutputTokens) : WORDS[kind];
  return new GatewayError('bad-request', `Line ${line} of the batch ${words}`);
}

/** Returns the error for a request of a batch of Claude's that cannot be accepted. */
export function messageBatchRefused({ line, kind }: BatchProblem, maxOutputTokens?: number): GatewayError {
  const words =
    kind === 'long-answer'
      ? `allows a longer answer than the client may get (maxOutputTokens). Write "max_tokens": at most ${maxOutputTokens}.`
      : (OF_MESSAGES[kind] ?? WORDS[kind]);
  return new GatewayError('bad-request', `Request ${line} of the batch ${words}`);
}

const OF_MESSAGES: Partial<typeof WORDS> = {
  'not-json': 'is not a JSON object with an object as its "params".',
  'no-model': 'names no model. Write the name of its deployment as "model" of its "params".',
  'several-models': 'names its model or "params" more than once. Write each of them once.',
};

function tooLong(maxOutputTokens: number | undefined): string {
  return (
    `allows a longer answer than the client may get (maxOutputTokens). Write "max_completion_tokens" of a chat completion, ` +
    `"max_output_tokens" of a response or "max_tokens" of a completion: at most ${maxOutputTokens}, for all its choices together.`
  );
}
