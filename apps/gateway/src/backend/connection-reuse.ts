import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';

/** An error of a connection, with facts about that connection. */
interface ConnectionError extends Error {
  /** Whether the connection had received anything before; set here. */
  isOfUsedConnection?: boolean;
  code?: string;
  /** Set by undici where the backend closed the connection. */
  readonly socket?: { readonly bytesRead?: number };
}

/** Creates a connector that marks the errors of used connections, and reports its own errors. */
export function notingReuse(
  connect: buildConnector.connector,
  onConnectError: (error: Error) => void,
): buildConnector.connector {
  return (options, callback) =>
    connect(options, (...result) => {
      if (result[0] !== null) onConnectError(result[0]);
      result[1]?.prependListener('error', noteReuse);
      callback(...result);
    });
}

/**
 * Returns whether a request may have failed only because its connection was kept for too long: the backend may close an
 * idle connection at the moment it is used again (RFC 9112, section 9.3.1).
 */
export function isOfUsedConnection(error: ConnectionError): boolean {
  return error.isOfUsedConnection ?? (error.socket?.bytesRead ?? 0) > 0;
}

function noteReuse(this: Socket, error: ConnectionError): void {
  error.isOfUsedConnection = this.bytesRead > 0;
  // undici takes a reset for the normal end of a body that ends with its connection, but that body is truncated (RFC
  // 9112 §8).
  if (error.code === 'ECONNRESET') error.code = 'RESET';
}
