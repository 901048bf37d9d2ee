import type { StreamEvent } from '../attempt.ts';
import { isJsonObject, type JsonObject, parseJsonObject } from './json-object.ts';

/** What an error event says. */
export interface StreamError {
  /** What it calls itself: its code, type and status, as far as it has them. */
  readonly codes: readonly string[];
  readonly message: string;
}

/**
 * Reads the error that an event is, or answers `undefined` if it is none. Azure writes them as data of their own or as
 * `event: error`, within `error` or as bare fields; the Responses API also as a response that failed.
 */
export function readStreamError({ name, data }: StreamEvent): StreamError | undefined {
  const body = parseJsonObject(data);
  if (body === undefined) return name === 'error' ? { codes: [], message: data } : undefined;
  const nested = name === 'response.failed' || body['type'] === 'response.failed' ? body['response'] : body;
  const error = isJsonObject(nested) ? nested['error'] : undefined;
  if (isJsonObject(error)) return describe(error);
  if (typeof error === 'string') return { codes: [], message: error };
  if (nested !== body) return { codes: [], message: '' };
  return name === 'error' || isBareError(body) ? describe(body) : undefined;
}

/** What a body with an error has in it, or with a response that failed. Within a text its quotes would be escaped. */
const MAY_HAVE_FAILED = /"status"\s*:\s*"failed"|"error"\s*:\s*[{"]|"(?:object|type)"\s*:\s*"error"/;

/**
 * Reads the error that an answer is although its status says otherwise, or of a response that failed, out of its whole body;
 * undefined for any other. What has output has cost and done something.
 */
export function readFailedAnswer(bodyText: string | undefined): StreamError | undefined {
  if (bodyText === undefined || !MAY_HAVE_FAILED.test(bodyText)) return undefined;
  const body = parseJsonObject(bodyText);
  if (body === undefined || hasOutput(body)) return undefined;
  const { error, status, object, type } = body;
  if (isJsonObject(error)) return describe(error);
  if (typeof error === 'string' && error !== '') return { codes: [], message: error };
  if (object === 'error' || type === 'error') return describe(body);
  return status === 'failed' ? { codes: [], message: '' } : undefined;
}

function hasOutput({ choices, content, data, output, text }: JsonObject): boolean {
  const lists = [choices, content, data, output];
  return (
    lists.some((list) => Array.isArray(list) && list.length > 0) || (typeof text === 'string' && text !== '')
  );
}

function describe({ code, type, status, message }: JsonObject): StreamError {
  const codes = [code, type, status].filter(
    (value) => typeof value === 'string' || typeof value === 'number',
  );
  return { codes: codes.map(String), message: typeof message === 'string' ? message : '' };
}

/** A chunk has its choices, and an event of the other APIs no message of its own. */
function isBareError({ message, code, type, choices, object }: JsonObject): boolean {
  if (type === 'error' || object === 'error') return true;
  const isNamed = code !== undefined || type !== undefined;
  return typeof message === 'string' && isNamed && choices === undefined && object === undefined;
}
