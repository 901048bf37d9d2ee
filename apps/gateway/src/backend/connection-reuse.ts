import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';

/** An error of a connection, with what is known of the connection. */
interface ConnectionError extends Error {
  /** Whether the connection had brought anything before; noted here. */
  isOfUsedConnection?: boolean;
  code?: string;
  /** Set by undici where the backend closed the connection. */
  readonly socket?: { readonly bytesRead?: number };
}

/** Makes a connector whose connections note on their errors whether they had been used, and that tells its own errors. */
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
 * Returns whether a request may have failed only because its connection was kept for too long: the backend closes an
 * idle one in the same moment in which it is used again (RFC 9112, section 9.3.1).
 */
export function isOfUsedConnection(error: ConnectionError): boolean {
  return error.isOfUsedConnection ?? (error.socket?.bytesRead ?? 0) > 0;
}

function noteReuse(this: Socket, error: ConnectionError): void {
  error.isOfUsedConnection = this.bytesRead > 0;
  // undici takes a reset for the end of a body that is as long as its connection, which is a truncated one (RFC 9112 §8).
  if (error.code === 'ECONNRESET') error.code = 'RESET';
}
