import { isJsonObject, type JsonObject, parseFirstObject } from './json-object.ts';

/** An error, as stated in a body or an event. */
export interface AnswerError {
  /** Its code and its status, and the codes of the errors inside it. */
  readonly codes: readonly string[];
  readonly type: string;
  readonly message: string;
  /** The field of the request that is at fault. */
  readonly param: string | undefined;
  /** Whether it is only a guess that the backend speaks of a failure: it may still have made something. */
  readonly isGuessed?: true;
}

/**
 * Reads an error body of Azure OpenAI, of API Management or of a compatible server, whole or cut off; of a list, the
 * first error. Returns `undefined` for anything else, such as a proxy's page.
 */
export function readAnswerError(bodyText: string | undefined): AnswerError | undefined {
  if (bodyText === undefined || !/^\s*(?:\[\s*)?\{/.test(bodyText)) return undefined;
  const body = parseFirstObject(bodyText);
  if (body === undefined) return readCutOff(bodyText);
  const error = body['error'] ?? body;
  if (typeof error === 'string') return errorOfText(error);
  return isJsonObject(error) ? describeError(error) : undefined;
}

/** Returns the error of a body that is plain text; undefined for any other body. */
export function readWords(bodyText: string | undefined): AnswerError | undefined {
  return bodyText !== undefined && /^\s*[a-z]/i.test(bodyText) ? errorOfText(bodyText.trim()) : undefined;
}

/** Returns an error that consists of nothing but a text. */
export function errorOfText(message: string): AnswerError {
  return { codes: [], type: '', message, param: undefined };
}

/** Returns the error described by these fields. */
export function describeError(error: JsonObject): AnswerError {
  const { code, type, status, statusCode, message, detail, title, param, innererror, details } = error;
  const inner = [innererror, ...(Array.isArray(details) ? details : [])].filter(isJsonObject);
  const codes = [code, status, statusCode, ...inner.map((one) => one['code'])];
  return {
    codes: codes.filter(isCode).map(String),
    type: textOf(type),
    message: textOf(message ?? detail ?? title),
    param: typeof param === 'string' && param !== '' ? param : undefined,
  };
}

function isCode(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

/** A long body is read only in part. Quotes inside its strings are escaped, so a match is one of its own keys. */
function readCutOff(text: string): AnswerError | undefined {
  const read = (key: string) => new RegExp(`"${key}"\\s*:\\s*"((?:[^"\\\\]|\\\\.)*)`).exec(text)?.[1];
  const [code] = /"code"\s*:\s*"([^"\\]*)"/.exec(text)?.slice(1) ?? [];
  const message = read('message');
  if (code === undefined && message === undefined) return undefined;
  return { codes: code === undefined ? [] : [code], type: '', message: message ?? '', param: read('param') };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
