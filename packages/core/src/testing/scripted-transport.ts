import type { Backend } from '../backend.ts';
import type { Timing } from '../failover/deadline.ts';
import type { Hedging, Progress, Transport } from '../failover/transport.ts';

/** A transport that answers by the backend's name and remembers its calls. */
export interface ScriptedTransport extends Transport<Backend, string> {
  timing: Timing;
  hedging?: Hedging | undefined;
  /** The answers of each backend from now on; a backend that is not listed must not be called. */
  readonly script: Map<string, () => Progress<string> | Promise<Progress<string>>>;
  /** The attempts that were forwarded, as `backend/deployment`, in order. */
  readonly calls: string[];
  /** The time limit of each of them, in ms. */
  readonly timeLimits: number[];
  /** The backends whose attempts were aborted, in order. */
  readonly aborted: string[];
  /** The bodies that were discarded, in order. */
  readonly discarded: string[];
}

/** Returns a transport that follows a script of results by backend name. */
export function scriptedTransport(
  script: Readonly<Record<string, () => Progress<string> | Promise<Progress<string>>>>,
): ScriptedTransport {
  const transport: ScriptedTransport = {
    script: new Map(Object.entries(script)),
    timing: { deadlineMs: Number.POSITIVE_INFINITY, attemptMs: 100_000, minAttemptMs: 500 },
    timeLimits: [],
    calls: [],
    aborted: [],
    discarded: [],
    async forward({ backend, deployment }, timeLimitMs) {
      transport.timeLimits.push(timeLimitMs);
      transport.calls.push(`${backend.name}/${deployment}`);
      const answer = transport.script.get(backend.name);
      if (answer === undefined) throw new Error(`"${backend.name}" was called against the script`);
      return answer();
    },
    abort({ backend }) {
      transport.aborted.push(backend.name);
    },
    discard(body) {
      transport.discarded.push(body);
    },
  };
  return transport;
}
