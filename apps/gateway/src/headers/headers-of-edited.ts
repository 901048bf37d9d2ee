import type { ResponseHeaders } from './to-client.ts';

/** The form of a body's bytes, their number, and what stands for all of them (RFC 9530, RFC 9110 §8.8.3). */
const OF_BYTES = {
  'content-encoding': undefined,
  'transfer-encoding': undefined,
  'content-length': undefined,
  'content-md5': undefined,
  'content-digest': undefined,
  'repr-digest': undefined,
  digest: undefined,
  etag: undefined,
} as const;

/** Returns the headers of an answer whose body is no longer the backend's, byte for byte. */
export function headersOfEdited(headers: ResponseHeaders): ResponseHeaders {
  return { ...headers, ...OF_BYTES };
}
