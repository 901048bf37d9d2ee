import type { Chance } from '../chance.ts';
import { SMUGGLED } from '../evidence/arrivals.ts';

/** The required fate of a piece, and of everything behind it on its connection. */
type Fate =
  /** It gets one answer, and the connection goes on. */
  | 'answered'
  /** It gets one answer, and the connection may end with it. */
  | 'ends'
  /** It is refused, never reaches a backend, and nothing behind it is served. */
  | 'refused'
  /** It may take over the whole connection: nothing behind it is a request any more. */
  | 'takes-over'
  /** It is incomplete, so it must be the last, and never reaches a backend. */
  | 'truncated';

/** Bytes that a client sends: a request, or something that only looks like one. */
export interface Piece {
  readonly bytes: Buffer;
  readonly fate: Fate;
  readonly isToHead?: boolean;
  readonly createsObject?: boolean;
}

/** Makes a piece whose request, if it is one, has this marker. */
export type PieceMaker = (marker: string, chance: Chance) => Piece;

/** Makes bytes of a text in which each character is an octet. */
export function octets(...texts: readonly string[]): Buffer {
  return Buffer.from(texts.join(''), 'latin1');
}

/** Renders a head with the usual headers and others. */
export function head(requestLine: string, marker: string, ...headers: readonly string[]): string {
  return [requestLine, 'Host: spillway.test', `x-chaos-id: ${marker}`, ...headers, '', ''].join('\r\n');
}

/** Renders the request line of a chat. */
export function chatLine(marker: string, version = 'HTTP/1.1'): string {
  return `POST /openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21&chaos=${marker} ${version}`;
}

/** Bytes that would be a request anywhere else than in a body. */
export function lookAlike(marker: string): string {
  return `GET /openai/v1/files/${SMUGGLED}-${marker} HTTP/1.1\r\nHost: a\r\nx-chaos-id: ${SMUGGLED}-${marker}\r\n\r\n`;
}

/** Renders the body of a chat; some have look-alikes of requests and of chunks in them. */
export function chatBody(marker: string, chance: Chance, isSmuggling = true): string {
  const isStream = chance.is(0.3);
  const content = 'word '.repeat(chance.between(0, 40));
  const inside = isSmuggling && chance.is(0.6) ? `\r\n0\r\n\r\n${lookAlike(marker)}` : '';
  const stream = isStream ? '"stream":true,' : '';
  const body = `{${stream}"model":"gpt-4o","user":"${marker}","messages":[{"role":"user","content":"${content}"}]}`;
  return chance.is(0.5) ? body + inside : inside + body;
}
