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
  return name === 'error' ? describeError(body) : readBareError(body);
}

/** What an answer says something under. */
const HAS_CONTENT = /"(?:choices|content|data|output|results|text)"\s*:/;
/** What a body with an error has in it, or with a response that failed. Within a text its quotes would be escaped. */
const MAY_HAVE_FAILED = /"status"\s*:\s*"failed"|"error"\s*:\s*[{"]|"(?:object|type)"\s*:\s*"error"/;

/**
 * Reads the error that an answer is although its status says otherwise, or of a response that failed, out of its whole body;
 * undefined for any other. What has output has cost and done something.
 */
export function readFailedAnswer(bodyText: string | undefined): AnswerError | undefined {
  if (bodyText === undefined || (HAS_CONTENT.test(bodyText) && !MAY_HAVE_FAILED.test(bodyText)))
    return undefined;
  const body = parseJsonObject(bodyText);
  if (body === undefined || hasOutput(body)) return undefined;
  const { error, status } = body;
  if (isJsonObject(error)) return describeError(error);
  if (typeof error === 'string' && error !== '') return errorOfText(error);
  return status === 'failed' ? errorOfText('') : readBareError(body);
}

/**
 * Reads the error that an answer is instead of the object that was asked for. An object may tell of an error of its own, beside
 * its id or status.
 */
export function readErrorInstead(bodyText: string | undefined): AnswerError | undefined {
  const body = bodyText === undefined ? undefined : parseJsonObject(bodyText);
  const isObject = body?.['id'] !== undefined || typeof body?.['status'] === 'string';
  return isObject ? undefined : readFailedAnswer(bodyText);
}

function hasOutput({ choices, content, data, output, results, text }: JsonObject): boolean {
  const lists = [choices, content, data, output, results];
  return (
    lists.some((list) => Array.isArray(list) && list.length > 0) || (typeof text === 'string' && text !== '')
  );
}

/** Reads an error that has nothing around it, as of API Management, FastAPI or RFC 9457, or is one of a list. */
function readBareError(body: JsonObject): AnswerError | undefined {
  const { errors } = body;
  if (isBareError(body)) return describeError(body);
  if (!isOfNoApi(body) || !Array.isArray(errors) || errors.length === 0) return undefined;
  const first: unknown = errors[0];
  return isJsonObject(first) ? describeError(first) : errorOfText(String(first));
}

/** A chunk has its choices, and an event of the other APIs no message of its own. */
function isBareError(body: JsonObject): boolean {
  const { message, detail, title, code, type, status, statusCode, choices, object } = body;
  if (type === 'error' || object === 'error') return true;
  if (choices !== undefined || object !== undefined) return false;
  const isNamed = code !== undefined || type !== undefined || statusCode !== undefined;
  if (typeof message === 'string' && isNamed) return true;
  if (typeof title === 'string' && typeof status === 'number') return true;
  return isOfNoApi(body) && detail !== undefined && detail !== null;
}

/** What these APIs send says what it is. */
function isOfNoApi({ type, object, choices }: JsonObject): boolean {
  return type === undefined && object === undefined && choices === undefined;
}
