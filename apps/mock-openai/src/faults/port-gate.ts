import type { Socket } from 'node:net';
import type { RunningScript } from '../script/running-script.ts';

/** A port that can be closed for a time. */
export interface Port {
  /** Closes it, and the connections that are idle. */
  readonly refuse: () => void;
  /** Opens it again. */
  readonly accept: () => void;
}

const dayMs = 86_400_000;

/** Keeps a port closed while a script says that connections are refused. */
export class PortGate {
  readonly #port: Port;
  readonly #script: RunningScript;
  #timer: NodeJS.Timeout | undefined;

  constructor(port: Port, script: RunningScript) {
    this.#port = port;
    this.#script = script;
    script.onMove(() => this.#update());
  }

  /** Resets a new connection if it is one of those that the script counts. */
  greet(socket: Socket): void {
    const { step } = this.#script.current(performance.now());
    if (step?.kind !== 'refuse') return;
    this.#script.take(performance.now());
    socket.resetAndDestroy();
  }

  stop(): void {
    this.#script.onMove(() => {});
    clearTimeout(this.#timer);
  }

  #update(): void {
    clearTimeout(this.#timer);
    if (!this.#script.refuses) {
      this.#port.accept();
      return;
    }
    const { step, leftMs } = this.#script.current(performance.now());
    const isClosed = step?.kind === 'refuse' && step.times === undefined;
    if (isClosed) this.#port.refuse();
    else this.#port.accept();
    // The timer also keeps the process alive, which may have no other port.
    if (isClosed || leftMs < Infinity) {
      this.#timer = setTimeout(() => this.#update(), Math.min(Math.ceil(leftMs), dayMs));
    }
  }
}
