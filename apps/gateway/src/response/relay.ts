import type { ServerResponse } from 'node:http';

/** How a relayed response ended. */
type RelayEnding =
  | 'complete'
  /** The backend broke off; the client's response is visibly broken too. */
  | 'interrupted'
  /** The client left before the end. */
  | 'abandoned';

/** What was passed on, for the record. */
export interface Relayed {
  readonly ending: RelayEnding;
  readonly bytes: number;
}

/** A backend's body as the relay sees it. */
export interface RelayedBody {
  readonly isEmpty: boolean;
  readBy(reader: { write(chunk: Buffer): boolean; end(): void; fail(): void }): void;
  resume(): void;
  abort(): void;
}

/** What is relayed: the commit point has come once its head is written. */
export interface RelayedHead {
  readonly status: number;
  readonly statusMessage: string | undefined;
  /** Names and values in turn. */
  readonly headers: string[];
}

/**
 * Passes a backend's answer on, chunk by chunk as it arrives, no faster than the client reads. Resolves when the last
 * byte has been handed over or either side has broken off.
 */
export function relay(
  head: RelayedHead,
  body: RelayedBody,
  response: ServerResponse,
  client: { readonly hasLeft: boolean; onLeave: (() => void) | undefined },
): Promise<Relayed> {
  return new Promise((resolve) => {
    let bytes = 0;
    const resume = () => body.resume();
    client.onLeave = () => {
      body.abort();
      resolve({ ending: 'abandoned', bytes });
    };
    if (client.hasLeft) return client.onLeave();

    try {
      writeHead(response, head);
    } catch (error) {
      body.abort();
      throw error;
    }
    // A stream's head must not wait for its first chunk; a short answer's goes out with it in one packet.
    if (body.isEmpty) response.flushHeaders();
    body.readBy({
      write(chunk) {
        bytes += chunk.length;
        if (response.write(chunk)) return true;
        response.once('drain', resume);
        return false;
      },
      end() {
        response.end();
        resolve({ ending: 'complete', bytes });
      },
      fail() {
        client.onLeave = undefined;
        // A clean end would turn a truncated answer into a success: the client must see the connection break.
        response.destroy();
        resolve({ ending: 'interrupted', bytes });
      },
    });
  });
}

function writeHead(response: ServerResponse, { status, statusMessage, headers }: RelayedHead): void {
  if (statusMessage && isReasonPhrase(statusMessage)) response.writeHead(status, statusMessage, headers);
  else response.writeHead(status, headers);
}

/** RFC 9112 §4, but for octets that Node decodes as UTF-8 and then refuses to write. */
function isReasonPhrase(text: string): boolean {
  return /^[\t\x20-\x7e]+$/.test(text);
}
