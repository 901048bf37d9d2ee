import type { Answer } from '../attempt.ts';
import { isJsonObject, parseJsonObject } from './json-object.ts';

/** A refusal that a session tells by an event, as the HTTP answer that it stands for. */
export type SessionRefusal = Required<Pick<Answer, 'status' | 'header' | 'bodyText'>>;

/**
 * Reads the event by which a session over WebSocket refuses what it was sent: a status, an error, and perhaps headers.
 * Returns `undefined` for any other.
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

/** The backend restarts, or has too much to do (RFC 6455 §7.4.1, and its registry of codes). */
const REFUSING_CODES: readonly number[] = [1012, 1013];

/** Reads the code by which a session that has said nothing is closed. Returns `undefined` for any that is no refusal. */
export function readSessionClose(code: number): SessionRefusal | undefined {
  return REFUSING_CODES.includes(code) ? { status: 503, header: () => undefined, bodyText: '' } : undefined;
}
