import type { Answer } from '../attempt.ts';
import { isJsonObject, parseJsonObject } from './json-object.ts';

/** A refusal by an event of a session, as the HTTP answer that it stands for. */
export type SessionRefusal = Required<Pick<Answer, 'status' | 'header' | 'bodyText'>>;

/**
 * Reads an event by which a session over WebSocket refuses a message: a status, an error, and perhaps headers. Returns
 * `undefined` for any other event.
 */
export function readSessionRefusal(data: string): SessionRefusal | undefined {
  const event = parseJsonObject(data);
  if (event === undefined || event['type'] !== 'error') return undefined;
  const { status, headers } = event;
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 400 || status > 599)
    return undefined;
  const told = isJsonObject(headers) ? headers : {};
  const names = new Map(Object.keys(told).map((name) => [name.toLowerCase(), name]));
  const header = (name: string) => {
    const value = told[names.get(name) ?? ''];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  };
  return { status, header, bodyText: data };
}

/** The backend is restarting, or is overloaded (RFC 6455 §7.4.1, and its registry of codes). */
const REFUSING_CODES: readonly number[] = [1012, 1013];

/** Reads the close code of a session that has sent nothing. Returns `undefined` for codes that are not a refusal. */
export function readSessionClose(code: number): SessionRefusal | undefined {
  return REFUSING_CODES.includes(code) ? { status: 503, header: () => undefined, bodyText: '' } : undefined;
}
