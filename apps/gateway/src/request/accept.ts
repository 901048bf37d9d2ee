import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Timing } from '@spillway/core';
import type { Config } from '../config/schema.ts';
import { GatewayError } from '../errors.ts';
import { ClientPresence } from './client-presence.ts';
import { timingOf } from './timing-of.ts';
import { tooLarge, Upload } from './upload.ts';

/** A request that has arrived, whole or as far as it is kept. */
export interface AcceptedRequest {
  readonly method: string;
  /** Path and query as the client sent them. */
  readonly url: string;
  /** Names and values in turn, as the client sent them. */
  readonly rawHeaders: readonly string[];
  readonly contentType: string | undefined;
  /** The whole body, which every attempt can send again, unless there is an upload: then its beginning. */
  readonly body: Buffer | undefined;
  /** The rest of a body that is too large to be kept. */
  readonly upload: Upload | undefined;
  readonly client: ClientPresence;
  /** How long it may take from now. */
  readonly timing: Timing;
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/**
 * Reads a request: its whole body, or the beginning of one that is larger than `limits.replayBytes`.
 *
 * @param nowMs a monotonic clock in milliseconds
 * @throws GatewayError when it is larger than `limits.bodyBytes` or makes no sense; whoever has left never sees it
 */
export function accept(
  request: IncomingMessage,
  response: ServerResponse,
  { limits, timeouts }: Pick<Config, 'limits' | 'timeouts'>,
  nowMs: () => number,
): Promise<AcceptedRequest> {
  const { method = '', url = '', rawHeaders, headers } = request;
  if (!METHODS.has(method)) throw methodNotAllowed(method);
  if (Number(headers['content-length']) > limits.bodyBytes) throw tooLarge(limits.bodyBytes);
  const contentType = headers['content-type'];
  const client = new ClientPresence(response);

  // Two listeners instead of a stream pipeline or a body parser: this is on every request's path.
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const finish = (upload: Upload | undefined) => {
      const timing = timingOf(headers, upload?.declaredBytes ?? bytes, timeouts, nowMs());
      const body = joinChunks(chunks);
      // The listeners live as long as the response, which may be a stream of minutes.
      chunks.length = 0;
      resolve({ method, url, rawHeaders, contentType, body, upload, client, timing });
    };
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes <= limits.replayBytes && bytes <= limits.bodyBytes) return;
      request.off('data', onData).off('end', onEnd).pause();
      if (bytes > limits.bodyBytes) reject(tooLarge(limits.bodyBytes));
      else finish(new Upload(request, bytes, limits.bodyBytes, client));
    };
    const onEnd = () => {
      // A client that was too slow has had its 408: what it still sends is no request any more.
      if (request.socket.writable) finish(undefined);
    };
    request.on('data', onData);
    request.on('end', onEnd);
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
  return new GatewayError('method-not-allowed', message, { allow: [...METHODS].join(', ') });
}
