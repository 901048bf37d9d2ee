import type { IncomingMessage } from 'node:http';

/** Azure's paths, and what clients make of them whose base URL has less in it. */
const SESSION_PATH = /^\/(?:openai\/)?(?:v1\/)?realtime(?:\?|$)/;

/** Answers whether a request to upgrade its connection asks for a realtime session over WebSocket (RFC 6455 §4.1). */
export function asksForSession({ method, url = '', headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket' && SESSION_PATH.test(url);
}
