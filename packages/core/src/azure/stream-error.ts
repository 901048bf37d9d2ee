import type { StreamEvent } from '../attempt.ts';
import { type AnswerError, describeError, errorOfText } from './answer-error.ts';
import { isJsonObject, type JsonObject, parseJsonObject } from './json-object.ts';
import { hasFailed, saysSomething } from './stream-opening.ts';

/**
 * Reads the error of an event, or returns `undefined` if it is not an error. Azure sends errors as plain data or as
 * `event: error`, within `error` or as bare fields; the Responses API also as a response that failed.
 */
export function readStreamError(event: StreamEvent): AnswerError | undefined {
  return readStreamErrorIn(event, parseJsonObject(event.data));
}

/** Reads the same error of an event whose data are parsed already: `object`, if they are one. */
export function readStreamErrorIn(
  { name, data }: StreamEvent,
  object: JsonObject | undefined,
): AnswerError | undefined {
  const body = object ?? onlyOf(data);
  if (body === undefined) return name === 'error' ? errorOfText(data) : undefined;
  const { type, response, choices } = body;
  const isResponse = name === 'response.failed' || type === 'response.failed' || hasFailed(response);
  const nested = isResponse ? response : body;
  const error = isJsonObject(nested) ? readError(nested) : undefined;
  if (error !== undefined) return error;
  if (isResponse) return errorOfText('');
  return name === 'error' ? describeError(body) : (readBareError(body) ?? readFailedChoices(choices));
}

/** Reads the field `error`: an object, a text, a number, or merely true. */
function readError({ error, message }: JsonObject): AnswerError | undefined {
  if (isJsonObject(error)) return describeError(error);
  if (typeof error === 'string') return errorOfText(error);
  if (error !== true && typeof error !== 'number') return undefined;
  return describeError({ message, code: error === true ? undefined : error });
}

/** Returns the one error of a list, which some servers send. */
function onlyOf(text: string): JsonObject | undefined {
  if (!/^\s*\[\s*\{/.test(text)) return undefined;
  const list = parseJsonObject(`{"list":${text}}`)?.['list'];
  const first: unknown = Array.isArray(list) && list.length === 1 ? list[0] : undefined;
  return isJsonObject(first) && first['error'] !== undefined ? first : undefined;
}

/** Reads the error of choices that all ended with `error`, which is how some servers report one. */
function readFailedChoices(choices: unknown): AnswerError | undefined {
  if (!Array.isArray(choices) || choices.length === 0 || !choices.every(isFailedChoice)) return undefined;
  const [{ error }] = choices as [JsonObject];
  return isJsonObject(error) ? describeError(error) : errorOfText('');
}

function isFailedChoice(choice: unknown): boolean {
  if (!isJsonObject(choice) || choice['finish_reason'] !== 'error') return false;
  const { text, delta, message } = choice;
  return !saysSomething({ text, delta: delta ?? message });
}

/** The fields that hold an answer's content. */
const HAS_CONTENT = /"(?:choices|content|data|output|results|text)"\s*:/;
/** Present in a body with an error, or with a response that failed. Inside a string its quotes would be escaped. */
const MAY_HAVE_FAILED =
  /"status"\s*:\s*"failed"|"error"\s*:\s*[{"t\d]|"(?:object|type|finish_reason)"\s*:\s*"error"/;

/**
 * Reads the error from the whole body of an answer that is an error despite its status, or of a response that failed;
 * undefined for any other. An answer with output has cost tokens and had effects, so it is no error.
 */
export function readFailedAnswer(bodyText: string | undefined): AnswerError | undefined {
  if (bodyText === undefined || (HAS_CONTENT.test(bodyText) && !MAY_HAVE_FAILED.test(bodyText)))
    return undefined;
  const body = parseJsonObject(bodyText) ?? onlyOf(bodyText);
  if (body === undefined) return undefined;
  const failed = readFailedChoices(body['choices']);
  if (failed !== undefined || hasOutput(body)) return failed;
  const error = body['error'] === '' ? undefined : readError(body);
  if (error !== undefined) return error;
  return hasFailed(body) ? errorOfText('') : readBareError(body);
}

/** Present in a body that tells something. Answers are long, so only these are parsed. */
const MAY_TELL = /"(?:[Mm]essage|msg|success|ok)"\s*:/;

/**
 * Reads the error of a body that holds only a message, or says that the request did not succeed, where every answer is
 * JSON with fields of its own.
 */
export function readTold(bodyText: string | undefined): AnswerError | undefined {
  if (bodyText === undefined || !MAY_TELL.test(bodyText)) return undefined;
  return readToldIn(parseJsonObject(bodyText));
}

/** Reads the same error of a body that is parsed already. */
export function readToldIn(body: JsonObject | undefined): AnswerError | undefined {
  if (body === undefined || !isOfNoApi(body) || body['id'] !== undefined || hasOutput(body)) return undefined;
  const { message, Message, msg, success, ok } = body;
  const told = [message, Message, msg].find((text) => typeof text === 'string');
  const hasNot = success === false || ok === false;
  return told === undefined && !hasNot ? undefined : describeError({ ...body, message: told });
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
