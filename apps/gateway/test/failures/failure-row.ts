import type { ConfigInput } from '../../src/config/schema.ts';
import type { LogLines } from '../testing/log-lines.ts';

/** One row of the failure table: what happens, and what must come of it. */
export interface FailureRow {
  /** What the backend or the client did; `a` is the first backend, `b` the second. */
  readonly title: string;
  /** The backends in the order of their priority: mocks with a script, or servers of one's own. `b` is a good one. */
  readonly backends: readonly RowBackend[];
  readonly config?: Partial<ConfigInput>;
  /** What is said of every backend. */
  readonly backendConfig?: Partial<ConfigInput['backends'][number]>;
  /** What the client does; it asks for a chat completion when left out. */
  readonly client?: RowClient;
  /** The deployment whose rest is looked at: `gpt-4o` when left out, empty for requests that name none. */
  readonly deployment?: string;
  /** What each of the client's requests gets, in order. */
  readonly sees: string | readonly string[];
  /** Who rests afterwards, and for how long. */
  readonly rests: string;
  /** The request lines in the log, in order. */
  readonly logged: string | readonly string[];
}

/** A mock's script, or what starts another server. */
export type RowBackend = string | (() => Promise<RowServer>);

/** A server that a gateway can be pointed at. */
export interface RowServer {
  readonly url: string;
  /** Goes on with what it does where it waits for that. */
  goOn?(): void;
}

/** The client's part of a row. Answers what it saw; nothing if it had left by then. */
export type RowClient = (scene: RowScene) => Promise<readonly Seen[]>;

/** What a client may look at while it acts. */
export interface RowScene {
  readonly url: string;
  readonly log: LogLines;
  readonly servers: readonly RowServer[];
  /** Resolves when the first backend has got the next request, in full. */
  readonly nextRequest: () => Promise<unknown>;
}

/** An answer as a client saw it. */
export interface Seen {
  /** Absent if the connection ended before a status line. */
  readonly status?: number;
  readonly headers: Headers;
  readonly body: string;
  /** Whether the connection broke before the answer was whole. */
  readonly isBroken: boolean;
}
