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

/**
 * Reads the error of a response that failed before it had any output, out of its whole body; undefined for any other. What
 * has output has cost and done something.
 */
export function readFailedResponse(bodyText: string | undefined): StreamError | undefined {
  if (bodyText === undefined || !/"status"\s*:\s*"failed"/.test(bodyText)) return undefined;
  const body = parseJsonObject(bodyText);
  if (body?.['status'] !== 'failed') return undefined;
  const { error, output } = body;
  if (Array.isArray(output) && output.length > 0) return undefined;
  return isJsonObject(error) ? describe(error) : { codes: [], message: '' };
}

function describe({ code, type, status, message }: JsonObject): StreamError {
  const codes = [code, type, status].filter(
    (value) => typeof value === 'string' || typeof value === 'number',
  );
  return { codes: codes.map(String), message: typeof message === 'string' ? message : '' };
}

/** A chunk has its choices, and an event of the other APIs no message of its own. */
function isBareError({ message, code, type, choices, object }: JsonObject): boolean {
  if (type === 'error') return true;
  const isNamed = code !== undefined || type !== undefined;
  return typeof message === 'string' && isNamed && choices === undefined && object === undefined;
}
