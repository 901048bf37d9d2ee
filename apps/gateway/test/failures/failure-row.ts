import type { ConfigInput } from '../../src/config/schema.ts';
import type { LogLines } from '../testing/log-lines.ts';

/** One row of the failure table: an event, and its required consequences. */
export interface FailureRow {
  /** The event at the backend or the client; `a` is the first backend, `b` the second. */
  readonly title: string;
  /** The backends in the order of their priority: mocks with a script, or the row's own servers. `b` is a good one. */
  readonly backends: readonly RowBackend[];
  readonly config?: Partial<ConfigInput>;
  /** The configuration of every backend. */
  readonly backendConfig?: Partial<ConfigInput['backends'][number]>;
  /** The client's behaviour; by default it requests a chat completion. */
  readonly client?: RowClient;
  /** The deployment whose cooldown is checked: by default `gpt-4o`, empty for requests that name none. */
  readonly deployment?: string;
  /** The answer to each of the client's requests, in order. */
  readonly sees: string | readonly string[];
  /** The backends in cooldown afterwards, and for how long. */
  readonly cooldowns: string;
  /** The request lines in the log, in order. */
  readonly logged: string | readonly string[];
}

/** A mock's script, or a function that starts another server. */
export type RowBackend = string | (() => Promise<RowServer>);

/** A server that a gateway can be pointed at. */
export interface RowServer {
  readonly url: string;
  /** Continues where it waits for that. */
  goOn?(): void;
}

/** The client's part of a row. Resolves with the answers it saw; empty if it had left by then. */
export type RowClient = (scene: RowScene) => Promise<readonly Seen[]>;

/** The parts of a scene that a client may use. */
export interface RowScene {
  readonly url: string;
  readonly adminUrl: string;
  readonly log: LogLines;
  readonly servers: readonly RowServer[];
  /** Resolves when the first backend has received the next request, in full. */
  readonly nextRequest: () => Promise<unknown>;
}

/** An answer as a client saw it. */
export interface Seen {
  /** Absent if the connection ended before a status line. */
  readonly status?: number;
  readonly headers: Headers;
  readonly body: string;
  /** Whether the connection broke before the answer was complete. */
  readonly isBroken: boolean;
}
