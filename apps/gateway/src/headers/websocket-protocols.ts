const PROTOCOLS = 'sec-websocket-protocol';
/** How browsers, which cannot send headers with a WebSocket, say their key (openai-node, `realtime/websocket.ts`). */
const KEY = 'openai-insecure-api-key.';

/**
 * Answers the headers of an upgrade without the credential that its list of protocols may hold: that is the client's.
 *
 * @param rawHeaders names and values in turn, as is the answer
 */
export function withoutProtocolKey(rawHeaders: readonly string[]): string[] {
  const headers: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    const value = rawHeaders[i + 1] as string;
    if (name.toLowerCase() !== PROTOCOLS) {
      headers.push(name, value);
      continue;
    }
    const kept = value.split(',').filter((protocol) => !protocol.trim().toLowerCase().startsWith(KEY));
    if (kept.length > 0) headers.push(name, kept.join(',').trim());
  }
  return headers;
}
