import type { IncomingHttpHeaders } from 'node:http';
import { WebSocketServer } from 'ws';
import { startHttpBackend } from './start-backend.ts';

/** A backend whose key can be changed while it serves. */
export interface KeyBackend {
  readonly url: string;
  /** The keys, or tokens, that it accepts. */
  readonly accepted: Set<string>;
  /** The credential of each request, as it came. */
  readonly seen: string[];
  /** Resolves at the next request with a key that it refuses. */
  refused(key: string): Promise<void>;
}

/** Azure's answer to a wrong key. */
const KEY_REFUSAL = {
  error: {
    code: '401',
    message:
      'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.',
  },
};

/** Starts a backend that refuses all but some keys with a status, sessions too, until the test ends. */
export async function startKeyBackend(keys: readonly string[], status = 401): Promise<KeyBackend> {
  const accepted = new Set(keys);
  const seen: string[] = [];
  const waiters = new Map<string, () => void>();
  const isAccepted = (headers: IncomingHttpHeaders) => {
    const key = String(headers['api-key'] ?? headers.authorization?.replace('Bearer ', ''));
    seen.push(key);
    if (accepted.has(key)) return true;
    waiters.get(key)?.();
    return false;
  };
  const sockets = new WebSocketServer({ noServer: true });
  const { url } = await startHttpBackend(
    async (req, res) => {
      for await (const _ of req);
      const isGood = isAccepted(req.headers);
      res.writeHead(isGood ? 200 : status, { 'content-type': 'application/json' });
      res.end(JSON.stringify(isGood ? { object: 'chat.completion', choices: [] } : KEY_REFUSAL));
    },
    (req, socket, head) => {
      if (isAccepted(req.headers))
        return sockets.handleUpgrade(req, socket, head, (session) =>
          session.send('{"type":"session.created"}'),
        );
      const body = JSON.stringify(KEY_REFUSAL);
      socket.end(
        `HTTP/1.1 ${status} Unauthorized\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
    },
  );
  return {
    url,
    accepted,
    seen,
    refused: (key) => new Promise((resolve) => waiters.set(key, resolve)),
  };
}
