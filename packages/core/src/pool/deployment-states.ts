import { type Backend, deploymentKey } from '../backend.ts';
import { BoundedMap } from './bounded-map.ts';
import type { DeploymentState } from './deployment-state.ts';

/** A backend has a few dozen deployments. */
const MAX_KNOWN = 1000;
/** Names that clients asked for and the backend has never served. Anyone can make these up, so few are kept. */
const MAX_STRANGERS = 100;

/** Makes the state of a deployment, by its name at the backend. */
interface StateMaker<B extends Backend> {
  /** Makes one that is kept. */
  readonly make: (deployment: string) => DeploymentState<B>;
  /** Makes one that describes a deployment to which nothing was sent. */
  readonly makeUntouched: (deployment: string) => DeploymentState<B>;
}

/**
 * The states of one backend's deployments, by their names there. Azure ignores the letter case of a name, so all spellings
 * share one state, under the spelling that was asked for first.
 */
export class DeploymentStates<B extends Backend> {
  /** The most recently found one, which is nearly always the next one wanted; undefined if there is none. */
  #recentName = '';
  #recent: DeploymentState<B> | undefined;
  /** The state of a deployment that was not found. */
  #untouched: DeploymentState<B> | undefined;
  readonly #known = new BoundedMap<DeploymentState<B>>(MAX_KNOWN);
  readonly #strangers = new BoundedMap<DeploymentState<B>>(MAX_STRANGERS);
  readonly #maker: StateMaker<B>;

  constructor(maker: StateMaker<B>) {
    this.#maker = maker;
  }

  /** The deployments that the backend is known to have. */
  get known(): string[] {
    return [...this.#known.values()].map(({ deployment }) => deployment);
  }

  /** Those that have failed without being missing, and that the backend has never served. */
  get suspects(): string[] {
    const failed = [...this.#strangers.values()].filter(({ hasFailed }) => hasFailed);
    return failed.map(({ deployment }) => deployment);
  }

  get all(): DeploymentState<B>[] {
    return [...this.#known.values(), ...this.#strangers.values()];
  }

  find(deployment: string): DeploymentState<B> | undefined {
    if (this.#recentName === deployment) return this.#recent;
    const state = this.#findBy(deployment) ?? this.#findBy(deploymentKey(deployment));
    this.#keep(deployment, state);
    return state;
  }

  findOrAdd(deployment: string): DeploymentState<B> {
    const found = this.find(deployment);
    if (found !== undefined) return found;
    const state = this.#maker.make(deployment);
    this.#strangers.set(deploymentKey(deployment), state);
    // It may have replaced the most recently found one.
    this.#keep(deployment, state);
    return state;
  }

  /** Returns a deployment's state; a state without any request is not kept, as clients make up names. */
  findOrMake(deployment: string): DeploymentState<B> {
    return this.find(deployment) ?? (this.#untouched ??= this.#maker.makeUntouched(deployment));
  }

  /** The backend has this deployment. */
  know(deployment: string): void {
    const state = this.findOrAdd(deployment);
    if (state.isKnown) return;
    state.isKnown = true;
    const key = deploymentKey(deployment);
    this.#known.set(key, state);
    this.#strangers.delete(key);
  }

  /** The backend has other settings. */
  forgetUntouched(): void {
    this.#untouched = undefined;
  }

  #findBy(key: string): DeploymentState<B> | undefined {
    return this.#known.get(key) ?? this.#strangers.get(key);
  }

  #keep(deployment: string, state: DeploymentState<B> | undefined): void {
    this.#recentName = deployment;
    this.#recent = state;
    this.#untouched = undefined;
  }
}
