import { modelHeaders } from '../azure/headers.ts';
import { facts } from './answer-request.ts';
import type { Answer } from '../http/answer.ts';
import type { ReceivedRequest } from '../http/received-request.ts';
import type { Resource } from './resource.ts';

const mebibyte = 1024 * 1024;
const audioBytes = 25 * mebibyte;
const uploadBytes = 512 * mebibyte;
const usualBytes = 100 * mebibyte;

/**
 * Returns the maximum length of a request's body: the mock's option, else Azure's documented limit for audio and
 * uploads.
 */
export function bodyLimit({ maxBodyBytes }: Resource, url: string): number {
  if (maxBodyBytes !== undefined) return maxBodyBytes;
  if (url.includes('/audio/')) return audioBytes;
  const isUpload = url.startsWith('/openai/v1/files') || url.startsWith('/openai/files');
  return isUpload ? uploadBytes : usualBytes;
}

/** Answers a request whose body is longer than `limit`. */
export function answerTooLarge(
  resource: Resource,
  request: ReceivedRequest,
  limit: number,
  bytes: number,
): Answer {
  const message = `Maximum content size limit (${limit}) exceeded (${bytes} bytes read)`;
  const error = { message, type: 'server_error', param: null, code: null };
  const headers = modelHeaders('application/json', facts(resource, request, undefined, []));
  return { kind: 'whole', status: 413, headers, body: JSON.stringify({ error }, null, 2) };
}
