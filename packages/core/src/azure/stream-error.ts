import type { StreamEvent } from '../attempt.ts';
import { type AnswerError, describeError, errorOfText } from './answer-error.ts';
import { isJsonObject, type JsonObject, parseJsonObject } from './json-object.ts';

/**
 * Reads the error that an event is, or answers `undefined` if it is none. Azure writes them as data of their own or as
 * `event: error`, within `error` or as bare fields; the Responses API also as a response that failed.
 */
export function readStreamError({ name, data }: StreamEvent): AnswerError | undefined {
  const body = parseJsonObject(data);
  if (body === undefined) return name === 'error' ? errorOfText(data) : undefined;
  const nested = name === 'response.failed' || body['type'] === 'response.failed' ? body['response'] : body;
  const error = isJsonObject(nested) ? nested['error'] : undefined;
  if (isJsonObject(error)) return describeError(error);
  if (typeof error === 'string') return errorOfText(error);
  if (nested !== body) return errorOfText('');
  return name === 'error' || isBareError(body) ? describeError(body) : undefined;
}

/** What a body with an error has in it, or with a response that failed. Within a text its quotes would be escaped. */
const MAY_HAVE_FAILED = /"status"\s*:\s*"failed"|"error"\s*:\s*[{"]|"(?:object|type)"\s*:\s*"error"/;

/**
 * Reads the error that an answer is although its status says otherwise, or of a response that failed, out of its whole body;
 * undefined for any other. What has output has cost and done something.
 */
export function readFailedAnswer(bodyText: string | undefined): AnswerError | undefined {
  if (bodyText === undefined || !MAY_HAVE_FAILED.test(bodyText)) return undefined;
  const body = parseJsonObject(bodyText);
  if (body === undefined || hasOutput(body)) return undefined;
  const { error, status, object, type } = body;
  if (isJsonObject(error)) return describeError(error);
  if (typeof error === 'string' && error !== '') return errorOfText(error);
  if (object === 'error' || type === 'error') return describeError(body);
  return status === 'failed' ? errorOfText('') : undefined;
}

function hasOutput({ choices, content, data, output, text }: JsonObject): boolean {
  const lists = [choices, content, data, output];
  return (
    lists.some((list) => Array.isArray(list) && list.length > 0) || (typeof text === 'string' && text !== '')
  );
}

/** A chunk has its choices, and an event of the other APIs no message of its own. */
function isBareError({ message, code, type, choices, object }: JsonObject): boolean {
  if (type === 'error' || object === 'error') return true;
  const isNamed = code !== undefined || type !== undefined;
  return typeof message === 'string' && isNamed && choices === undefined && object === undefined;
}
