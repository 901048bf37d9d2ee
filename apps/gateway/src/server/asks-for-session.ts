import type { IncomingMessage } from 'node:http';

/** Azure's paths, and what clients make of them whose base URL has less in it. */
const SESSION_PATH = /^\/(?:openai\/)?(?:v1\/)?realtime(?:\?|$)/;

/** Answers whether a request to upgrade its connection asks for a realtime session over WebSocket (RFC 6455 §4.1). */
export function asksForSession({ method, url = '', headers }: IncomingMessage): boolean {
  const isWebSocket = method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';
  return isWebSocket && SESSION_PATH.test(url) && !hasBody(headers);
}

function hasBody(headers: IncomingMessage['headers']): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
}
