import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { Server, ServerCredentials, type ServiceDefinition, type UntypedHandleCall } from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';
import type { Certificate } from '../../testing/certificates.ts';
import { type PointReceived, readPoints, readSpans, type SpanReceived } from './otlp-messages.ts';

/** The content of one export. */
export interface Export {
  readonly signal: 'traces' | 'metrics';
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly isJson: boolean;
}

/** An OTLP receiver that keeps its input. */
export class Receiver {
  url = '';
  readonly exports: Export[] = [];
  /** Whether it leaves exports unanswered. */
  isHanging = false;
  /** How many spans or points it rejects of each export, fewer than 128. */
  rejected = 0;
  /** The number of unanswered exports. */
  hung = 0;
  #wake: (() => void)[] = [];

  /** Returns whether an export is accepted. */
  take(one: Export): boolean {
    if (this.isHanging) this.hung++;
    else this.exports.push(one);
    for (const wake of this.#wake.splice(0)) wake();
    return !this.isHanging;
  }

  /** Its answer to what it has taken. */
  answerAs(isJson: boolean): Buffer {
    const { rejected } = this;
    if (isJson)
      return Buffer.from(rejected === 0 ? '{}' : `{"partialSuccess":{"rejectedSpans":"${rejected}"}}`);
    // Field 1 of a message in field 1.
    return Buffer.from(rejected === 0 ? [] : [0x0a, 2, 0x08, rejected]);
  }

  get spans(): SpanReceived[] {
    return this.exports
      .filter(({ signal }) => signal === 'traces')
      .flatMap(({ body, isJson }) => readSpans(body, isJson));
  }

  /** The points of the last export of metrics. */
  get points(): PointReceived[] {
    const last = this.exports.findLast(({ signal }) => signal === 'metrics');
    return last === undefined ? [] : readPoints(last.body, last.isJson);
  }

  /** Returns the sum over all series of a metric with these attributes, as last exported. */
  sumOf(name: string, attributes: object = {}): number {
    const wanted = Object.entries(attributes);
    return this.points
      .filter(
        (point) => point.name === name && wanted.every(([key, value]) => point.attributes[key] === value),
      )
      .reduce((sum, { value }) => sum + value, 0);
  }

  /** Waits until a condition holds. */
  async until(isSo: (receiver: this) => boolean): Promise<void> {
    while (!isSo(this)) await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  /** Waits for this many spans. */
  async spansReceived(count: number): Promise<SpanReceived[]> {
    await this.until(({ spans }) => spans.length >= count);
    return this.spans;
  }
}

/** A receiver's TLS settings. */
export interface ReceiverTls {
  readonly own: Certificate;
  /** The authority of its clients, whose certificates it demands; if left out, it demands none. */
  readonly clients?: Certificate | undefined;
}

/** Starts a receiver of OTLP by HTTP, as Protobuf and as JSON. */
export async function startHttpReceiver(port = 0, tls?: ReceiverTls): Promise<Receiver> {
  const receiver = new Receiver();
  const take: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => {});
    request.on('end', () => {
      const bytes = Buffer.concat(chunks);
      const { headers, url } = request;
      const isJson = headers['content-type'] === 'application/json';
      const body = headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
      const signal = url?.endsWith('/v1/metrics') ? 'metrics' : 'traces';
      if (!receiver.take({ signal, headers, body, isJson })) return;
      response.writeHead(200, { 'content-type': headers['content-type'] }).end(receiver.answerAs(isJson));
    });
  };
  const clients = tls?.clients && { ca: tls.clients.cert, requestCert: true };
  const server = tls === undefined ? createServer(take) : createTlsServer({ ...tls.own, ...clients }, take);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  receiver.url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return receiver;
}

/** Starts a receiver of OTLP by gRPC. */
export async function startGrpcReceiver(tls?: ReceiverTls): Promise<Receiver> {
  const receiver = new Receiver();
  const server = new Server();
  for (const signal of ['traces', 'metrics'] as const)
    server.addService(serviceOf(signal), handlersOf(receiver, signal));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentialsOf(tls), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  receiver.url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  onTestFinished(() => server.forceShutdown());
  return receiver;
}

function credentialsOf(tls: ReceiverTls | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const { own, clients } = tls;
  const pair = { cert_chain: Buffer.from(own.cert), private_key: Buffer.from(own.key) };
  const authority = clients === undefined ? null : Buffer.from(clients.cert);
  return ServerCredentials.createSsl(authority, [pair], clients !== undefined);
}

const asItIs = (bytes: Buffer) => bytes;

function serviceOf(signal: Export['signal']): ServiceDefinition {
  const name = signal === 'traces' ? 'trace.v1.TraceService' : 'metrics.v1.MetricsService';
  return {
    export: {
      path: `/opentelemetry.proto.collector.${name}/Export`,
      requestStream: false,
      responseStream: false,
      requestSerialize: asItIs,
      requestDeserialize: asItIs,
      responseSerialize: asItIs,
      responseDeserialize: asItIs,
    },
  };
}

function handlersOf(receiver: Receiver, signal: Export['signal']): Record<string, UntypedHandleCall> {
  return {
    export: (
      call: { readonly request: Buffer; readonly metadata: { getMap(): object } },
      done: (error: null, answer: Buffer) => void,
    ) => {
      const headers = call.metadata.getMap() as IncomingHttpHeaders;
      if (receiver.take({ signal, headers, body: call.request, isJson: false }))
        done(null, receiver.answerAs(false));
    },
  } as never;
}
