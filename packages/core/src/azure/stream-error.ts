import type { StreamEvent } from '../attempt.ts';
import { type AnswerError, describeError, errorOfText } from './answer-error.ts';
import { isJsonObject, type JsonObject, parseJsonObject } from './json-object.ts';

/**
 * Reads the error of an event, or returns `undefined` if it is not an error. Azure sends errors as plain data or as
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

/** The fields that hold an answer's content. */
const HAS_CONTENT = /"(?:choices|content|data|output|results|text)"\s*:/;
/** Present in a body with an error, or with a response that failed. Inside a string its quotes would be escaped. */
const MAY_HAVE_FAILED = /"status"\s*:\s*"failed"|"error"\s*:\s*[{"]|"(?:object|type)"\s*:\s*"error"/;

/**
 * Reads the error from the whole body of an answer that is an error despite its status, or of a response that failed;
 * undefined for any other. An answer with output has cost tokens and had effects, so it is no error.
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
 * Reads the error of an answer that came instead of the object that was asked for. An object may report an error of its
 * own, beside its id or status.
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

/** Reads an error without an envelope, as of API Management, FastAPI or RFC 9457, or from a list of errors. */
function readBareError(body: JsonObject): AnswerError | undefined {
  const { errors } = body;
  if (isBareError(body)) return describeError(body);
  if (!isOfNoApi(body) || !Array.isArray(errors) || errors.length === 0) return undefined;
  const first: unknown = errors[0];
  return isJsonObject(first) ? describeError(first) : errorOfText(String(first));
}

/** A chunk has its choices, and an event of the other APIs has no message of its own. */
function isBareError(body: JsonObject): boolean {
  const { message, detail, title, code, type, status, statusCode, choices, object } = body;
  if (type === 'error' || object === 'error') return true;
  if (choices !== undefined || object !== undefined) return false;
  const isNamed = code !== undefined || type !== undefined || statusCode !== undefined;
  if (typeof message === 'string' && isNamed) return true;
  if (typeof title === 'string' && typeof status === 'number') return true;
  return isOfNoApi(body) && detail !== undefined && detail !== null;
}

/** Everything these APIs send names its type. */
function isOfNoApi({ type, object, choices }: JsonObject): boolean {
  return type === undefined && object === undefined && choices === undefined;
}
