import type { BackendReport, DeploymentSnapshot } from '@spillway/core';
import { describeOutcome } from '../telemetry/live/failover-log.ts';
import { shorten } from './shorten.ts';
import type { StateEvent, StateWord } from './snapshot.ts';

type Change = Omit<StateEvent, 'agoMs'>;

const MAX_EVENTS = 8;

/** Records state changes of backends and deployments, by looking at them periodically. */
export class StateWatch {
  /** By backend and deployment. */
  readonly #states = new Map<string, StateWord>();
  /** The newest first. */
  readonly #changes: { readonly atMs: number; readonly change: Change }[] = [];

  /** Looks at all of them. One that is seen for the first time counts as changed only if it is not available. */
  look(reports: readonly BackendReport[], nowMs: number): void {
    const keys = new Set<string>();
    for (const { asWhole, deployments } of reports) {
      const changes = deployments.map(({ deployment, state }) => this.#changeOf(state, deployment, keys));
      const whole = this.#changeOf(asWhole, undefined, keys);
      const [first] = changes;
      const isOne =
        changes.length === 0 || (changes.length > 1 && changes.every((one) => isAlike(one, first)));
      for (const change of isOne ? [whole] : changes)
        if (change !== undefined) this.#changes.unshift({ atMs: nowMs, change });
    }
    for (const key of this.#states.keys()) if (!keys.has(key)) this.#states.delete(key);
    this.#changes.splice(MAX_EVENTS);
  }

  eventsAt(nowMs: number): StateEvent[] {
    return this.#changes.map(({ atMs, change }) => ({ agoMs: Math.round(nowMs - atMs), ...change }));
  }

  #changeOf(
    { availability, coolsDownFor, backend }: DeploymentSnapshot,
    deployment: string | undefined,
    keys: Set<string>,
  ): Change | undefined {
    const key = JSON.stringify([backend.name, deployment]);
    // A backend may become full and free again every second, which would hide the other changes.
    const to = availability === 'full' ? 'available' : availability;
    const from = this.#states.get(key) ?? 'available';
    keys.add(key);
    this.#states.set(key, to);
    const why = coolsDownFor && describeOutcome(coolsDownFor);
    return from === to
      ? undefined
      : { backend: backend.name, deployment: shorten(deployment), from, to, why };
  }
}

function isAlike(a: Change | undefined, b: Change | undefined): boolean {
  return a !== undefined && a.from === b?.from && a.to === b.to;
}
