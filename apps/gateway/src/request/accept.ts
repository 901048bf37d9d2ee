import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Timing } from '@spillway/core';
import type { Client } from '../client/client.ts';
import type { Config } from '../config/schema.ts';
import { GatewayError } from '../errors.ts';
import type { AttemptTrace } from '../headers/trace-headers.ts';
import { withoutProtocolKey } from '../headers/without-protocol-key.ts';
import { METHODS } from '../methods.ts';
import { ALWAYS_KEPT_BYTES } from '../overload/kept-bytes.ts';
import { overloaded } from '../overload/load.ts';
import type { Cancellation } from './cancellation.ts';
import type { BodyBudget, KeptBody } from './kept-body.ts';
import { timingOf } from './timing-of.ts';
import { tooLarge, Upload } from './upload.ts';

/** A request that has arrived, whole or as far as it is kept. `L` is the type of its leases in the pool. */
export interface AcceptedRequest<L> {
  readonly method: string;
  /** Path and query as the client sent them. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Alternating names and values, as the client sent them, but without a credential among protocols. */
  readonly rawHeaders: readonly string[];
  readonly contentType: string | undefined;
  /** The whole body, which every attempt can send again, unless there is an upload: then its beginning. */
  readonly body: Buffer | undefined;
  /** The unpacked body, where the client has packed it. */
  readonly unpacked?: Buffer | undefined;
  /** The rest of a body that is too large to be kept. */
  readonly upload: Upload | undefined;
  /** Whether less of its body is kept, or unpacked, than usual, as the bodies of all requests take too much memory. */
  readonly isCutShort?: boolean | undefined;
  /** The protocol that it wants to upgrade to. */
  readonly upgrade?: 'websocket' | undefined;
  /** Its place in a trace, where spans may be recorded. */
  trace?: AttemptTrace | undefined;
  readonly client: Cancellation;
  /** The client that sent it, where clients are told apart. */
  caller?: Client | undefined;
  /** The leases of all its attempts, to be ended with it. */
  readonly leases: L[];
  /** When it had arrived, or as much of it as is kept; on the clock of `timing`. */
  readonly arrivedMs: number;
  /** How long it may take from then. */
  readonly timing: Timing;
}

/** A request as its connection delivers it. */
export interface ArrivedRequest<L> {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly client: Cancellation;
  readonly leases: L[];
  /** The kept part of its body, until it is over. */
  readonly kept: KeptBody;
  readonly budget: BodyBudget;
}

const CONTINUE = /^100-continue$/i;

/**
 * Reads a request whose head is valid: its whole body, or the beginning of one that is larger than
 * `limits.replayBytes`.
 *
 * @param nowMs a monotonic clock in milliseconds
 * @throws GatewayError when it is larger than `limits.bodyBytes` or invalid; a client that has left never sees it
 */
export function accept<L>(
  arrived: ArrivedRequest<L>,
  { limits, timeouts }: Pick<Config, 'limits' | 'timeouts'>,
  nowMs: () => number,
): Promise<AcceptedRequest<L>> {
  const { request, response, client, leases, kept } = arrived;
  const { method = '', url = '', headers } = request;
  const hasProtocols = headers['sec-websocket-protocol'] !== undefined;
  const rawHeaders = hasProtocols ? withoutProtocolKey(request.rawHeaders) : request.rawHeaders;
  if (!METHODS.has(method)) throw methodNotAllowed(method);
  if (Number(headers['content-length']) > limits.bodyBytes) throw tooLarge(limits.bodyBytes);
  // Only now: a refused client must not be asked for the body first (RFC 9110 §10.1.1).
  if (headers.expect !== undefined && asksToContinue(request)) response.writeContinue();
  const contentType = headers['content-type'];

  // Two listeners instead of a stream pipeline or a body parser: this is on every request's path.
  return new Promise((resolve, reject) => {
    const stopReading = () => request.off('data', onData).off('end', onEnd);
    const finish = (upload: Upload | undefined) => {
      const arrivedMs = nowMs();
      const timing = timingOf(headers, upload?.declaredBytes ?? kept.bytes, timeouts, arrivedMs);
      const isCutShort = upload !== undefined && kept.bytes <= limits.replayBytes;
      const body = kept.take();
      const head = { method, url, headers, rawHeaders, contentType };
      resolve({ ...head, body, upload, isCutShort, client, leases, arrivedMs, timing });
    };
    const onData = (chunk: Buffer) => {
      kept.push(chunk);
      const fate = fateOf(arrived, limits);
      if (fate === 'keep') return;
      stopReading().pause();
      if (fate === 'pass-on') finish(new Upload(request, kept.bytes, limits, client));
      else reject(fate);
    };
    const onEnd = () => finish(undefined);
    request.on('data', onData);
    request.on('end', onEnd);
    client.current = {
      abort: () => {
        stopReading();
        reject(client.refusal ?? leftEarly());
      },
    };
  });
}

/** Returns what to do with a body after another chunk. */
function fateOf(
  { kept, budget }: Pick<ArrivedRequest<unknown>, 'kept' | 'budget'>,
  limits: Config['limits'],
): 'keep' | 'pass-on' | GatewayError {
  if (kept.bytes > limits.bodyBytes) return tooLarge(limits.bodyBytes);
  if (budget.isFarOverLimit) return overloaded('too many request bodies are kept');
  const isLong = kept.bytes > ALWAYS_KEPT_BYTES;
  return kept.bytes > limits.replayBytes || (budget.isOverLimit && isLong) ? 'pass-on' : 'keep';
}

/** HTTP/1.0 has no 100 Continue, and would take it for the answer. */
function asksToContinue({ headers, httpVersionMinor }: IncomingMessage): boolean {
  return httpVersionMinor > 0 && CONTINUE.test(headers.expect ?? '');
}

/** The error of a client that has left; nobody sees it. */
export function leftEarly(): GatewayError {
  return new GatewayError('bad-request', 'The client left before its request was whole.');
}

function methodNotAllowed(method: string): GatewayError {
  const message = `The method ${method} is not allowed here.`;
  return new GatewayError('method-not-allowed', message, { allow: [...METHODS].join(', ') });
}
