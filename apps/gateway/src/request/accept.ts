import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError } from '../errors.ts';
import { ClientPresence } from './client-presence.ts';

/** A request that has arrived whole: every attempt can send it again. */
export interface AcceptedRequest {
  readonly method: string;
  /** Path and query as the client sent them. */
  readonly url: string;
  /** Names and values in turn, as the client sent them. */
  readonly rawHeaders: readonly string[];
  readonly contentType: string | undefined;
  readonly body: Buffer | undefined;
  readonly client: ClientPresence;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/**
 * Reads a request whole, body included.
 *
 * @throws GatewayError when it is larger than `bodyLimitBytes` or makes no sense; whoever has left never sees it
 */
export function accept(
  request: IncomingMessage,
  response: ServerResponse,
  bodyLimitBytes: number,
): Promise<AcceptedRequest> {
  const { method = '', url = '', rawHeaders, headers } = request;
  if (!METHODS.includes(method)) throw methodNotAllowed(method);
  if (Number(headers['content-length']) > bodyLimitBytes) throw tooLarge(bodyLimitBytes);
  const contentType = headers['content-type'];
  const client = new ClientPresence(response);

  // Two listeners instead of a stream pipeline or a body parser: this is on every request's path.
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bodyLimitBytes) {
        chunks.push(chunk);
      } else {
        request.off('data', onData).pause();
        reject(tooLarge(bodyLimitBytes));
      }
    };
    request.on('data', onData);
    request.on('end', () => {
      // A client that was too slow has had its 408: what it still sends is no request any more.
      if (request.socket.writable)
        resolve({ method, url, rawHeaders, contentType, body: joinChunks(chunks), client });
    });
    client.current = { abort: () => reject(leftEarly()) };
  });
}

function joinChunks(chunks: readonly Buffer[]): Buffer | undefined {
  return chunks.length > 1 ? Buffer.concat(chunks) : chunks[0];
}

function leftEarly(): GatewayError {
  return new GatewayError('bad-request', 'The client left before its request was whole.');
}

function methodNotAllowed(method: string): GatewayError {
  const message = `The method ${method} is not allowed here.`;
  return new GatewayError('method-not-allowed', message, { allow: METHODS.join(', ') });
}

function tooLarge(limitBytes: number): GatewayError {
  const message = `The request body is larger than the ${limitBytes} bytes allowed.`;
  return new GatewayError('body-too-large', message, { connection: 'close' });
}
