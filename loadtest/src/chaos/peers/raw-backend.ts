import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Arrivals } from '../evidence/arrivals.ts';
import type { Findings } from '../evidence/findings.ts';
import type { Head } from '../http/head.ts';
import { RequestReader } from '../http/request-reader.ts';
import { caseOf } from '../marker.ts';
import { Call } from './call.ts';

/** A backend's behaviour with a request: first when its head has come, then when it is complete. */
export type Behaviour = (call: Call, moment: 'head' | 'whole') => void;

/** The receivers of a backend's news. */
export interface BackendEvidence {
  readonly arrivals: Arrivals;
  readonly findings: Findings;
}

/** A backend that reads requests strictly, and answers them, or does not, with bytes of the program's choice. */
export class RawBackend {
  readonly name: string;
  readonly #behave: Behaviour;
  readonly #evidence: BackendEvidence;
  readonly #server: Server;
  readonly #connections = new Map<Socket, BackendConnection>();
  /** How often each request has come. */
  readonly #attempts = new Map<string, number>();

  constructor(name: string, behave: Behaviour, evidence: BackendEvidence) {
    this.name = name;
    this.#behave = behave;
    this.#evidence = evidence;
    this.#server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  /** Listens on a port of the system's choice. Resolves with the URL. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) =>
      this.#server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, resolve),
    );
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get openCount(): number {
    return this.#connections.size;
  }

  /** Returns the connections on which something is under way. */
  get busy(): readonly string[] {
    return [...this.#connections.values()]
      .filter(({ isIdle }) => !isIdle)
      .map(({ description }) => description);
  }

  /** Reads from all connections again, so that it notices which of them have ended. */
  calm(): void {
    for (const socket of this.#connections.keys()) socket.resume();
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#connections.keys()) socket.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    const connection = new BackendConnection(socket, {
      onHead: (head, text) => this.#begin(socket, head, text),
      onWhole: (call) => {
        this.#behave(call, 'whole');
        // The gateway asks for the owners of the objects that a request names, with GETs of its own.
        const isActed = call.method !== 'GET' && !call.isRefused;
        if (call.marker !== undefined && isActed) this.#evidence.arrivals.act(call.marker, this.name);
      },
      onTrouble: (text, call) => {
        const caseIndex = call?.marker === undefined ? undefined : caseOf(call.marker);
        this.#evidence.findings.add(
          'well-formed',
          `backend ${this.name} was sent no HTTP: ${text}`,
          caseIndex,
        );
      },
    });
    this.#connections.set(socket, connection);
    socket.once('close', () => this.#connections.delete(socket));
  }

  #begin(socket: Socket, head: Head, text: string): Call {
    const marker = this.#evidence.arrivals.arrive(text, this.name);
    const attempt = (this.#attempts.get(marker ?? '') ?? 0) + 1;
    this.#attempts.set(marker ?? '', attempt);
    const call = new Call({ backend: this.name, socket, head, text, marker, attempt });
    queueMicrotask(() => this.#behave(call, 'head'));
    return call;
  }
}

interface ConnectionListener {
  onHead(head: Head, text: string): Call;
  onWhole(call: Call): void;
  onTrouble(text: string, call: Call | undefined): void;
}

/** One connection of the gateway to a backend. */
class BackendConnection {
  readonly #reader: RequestReader;
  #call: Call | undefined;

  constructor(socket: Socket, listener: ConnectionListener) {
    this.#reader = new RequestReader({
      onHead: (head, text) => {
        this.#call = listener.onHead(head, text);
      },
      onWhole: (body) => {
        const call = this.#call;
        if (call === undefined) return;
        // After the behaviour's action at the head.
        queueMicrotask(() => {
          call.receive(body);
          listener.onWhole(call);
        });
      },
    });
    socket.on('data', (bytes: Buffer) => this.#read(bytes, socket, listener));
    // The gateway never closes only one half: it no longer waits for anything.
    socket.on('end', () => {
      if (this.#call?.onEnd === undefined) socket.destroy();
      else this.#call.onEnd();
    });
    socket.on('error', () => socket.destroy());
  }

  get isIdle(): boolean {
    return this.#reader.isBetweenRequests && (this.#call === undefined || this.#call.isOver);
  }

  get description(): string {
    const { marker, text } = this.#call ?? {};
    return `${marker}: ${text?.split('\r\n')[0]}`;
  }

  #read(bytes: Buffer, socket: Socket, listener: ConnectionListener): void {
    const call = this.#call;
    if (call?.onTunnel !== undefined) return call.onTunnel(bytes);
    try {
      this.#reader.push(bytes);
    } catch (error) {
      const shown = JSON.stringify(bytes.toString('latin1').slice(0, 2000));
      listener.onTrouble(`${(error as Error).message}; the bytes: ${shown}`, call);
      socket.destroy();
    }
  }
}
