/** A place where a client may have put its credential. */
export interface Carrier {
  readonly in: 'header' | 'query' | 'protocol';
  /** In lower case; for a WebSocket protocol, the text before the credential. */
  readonly name: string;
  /** Whether the credential follows the scheme `Bearer`, and may therefore be a token. */
  readonly isBearer?: true;
}

/**
 * All places of a client's credential, in order of precedence: the first one present is the client's, and no other is
 * read. None of them is passed on to a backend. An ephemeral key precedes all of them.
 */
export const CARRIERS: readonly Carrier[] = [
  { in: 'header', name: 'api-key' },
  { in: 'header', name: 'authorization', isBearer: true },
  // API Management's own.
  { in: 'header', name: 'ocp-apim-subscription-key' },
  // Claude's.
  { in: 'header', name: 'x-api-key' },
  // Browsers cannot send headers with a WebSocket (openai-node, `realtime/websocket.ts`).
  { in: 'query', name: 'api-key' },
  { in: 'query', name: 'authorization', isBearer: true },
  { in: 'query', name: 'subscription-key' },
  { in: 'protocol', name: 'openai-insecure-api-key.' },
];

/** The text before a credential among the protocols of a WebSocket. */
export const PROTOCOL_KEY = 'openai-insecure-api-key.';
