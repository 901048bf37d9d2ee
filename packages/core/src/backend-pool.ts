import { deploymentAt, type Backend } from './backend.ts';
import { cooldownAfter, type CooldownBounds } from './cooldown.ts';
import { BackendState } from './backend-state.ts';
import { Lease } from './lease.ts';
import { hasAnswered, type Outcome } from './outcome.ts';
import type { Random } from './random.ts';
import { RetryBudget, type RetryBudgetBounds } from './retry-budget.ts';
import { selectBackend, type Selection, type Standing } from './select-backend.ts';
import { strategies, type StrategyName } from './selection/strategies.ts';
import type { Strategy } from './selection/strategy.ts';

/** What a pool is made of besides its backends. */
export interface PoolOptions {
  readonly strategy: StrategyName;
  readonly cooldown: CooldownBounds;
  readonly random: Random;
  /** How many retries and hedges there may be; without it, any number. */
  readonly retryBudget?: RetryBudgetBounds | undefined;
}

/** What a request wants of the pool. */
export interface Wish {
  /** The deployment the client asked for. */
  readonly deployment: string;
  /** The name of the one backend that has what the request is about, so that no other can serve it. */
  readonly owner?: string | undefined;
}

/** The backends and how each of them stands: the one mutable object of the core. */
export class BackendPool<B extends Backend = Backend> {
  readonly backends: readonly B[];
  readonly #states: readonly BackendState<B>[];
  readonly #stateOf: ReadonlyMap<B, BackendState<B>>;
  readonly #strategy: Strategy;
  readonly #options: PoolOptions;
  readonly #retries: RetryBudget | undefined;
  #picks = 0;

  constructor(backends: readonly B[], options: PoolOptions) {
    this.backends = backends;
    this.#states = backends.map((backend) => new BackendState(backend));
    this.#stateOf = new Map(this.#states.map((state) => [state.backend, state]));
    this.#strategy = strategies[options.strategy];
    this.#options = options;
    this.#retries = options.retryBudget && new RetryBudget(options.retryBudget);
  }

  /** Chooses the next backend for a request, among those it has not been to yet. */
  select({ deployment, owner }: Wish, hasBeenTried: (backend: B) => boolean, nowMs: number): Selection<B> {
    const all = this.standings(deployment, nowMs);
    const standings = owner === undefined ? all : all.filter(({ backend }) => backend.name === owner);
    return selectBackend(standings, hasBeenTried, this.#strategy, this.#options.random, nowMs);
  }

  /** Takes an in-flight slot at a backend for one attempt. Every lease must be settled and released. */
  lease(backend: B, deployment: string, nowMs: number): Lease<B> {
    const state = this.#state(backend);
    const lease = new Lease(backend, deploymentAt(backend, deployment), nowMs, state);
    state.begin(lease.deployment, ++this.#picks, nowMs);
    return lease;
  }

  /** Takes note of how the lease's attempt ended. The slot stays taken until the lease is released. */
  settle(lease: Lease<B>, outcome: Outcome, nowMs: number): void {
    const { deployment, startedMs } = lease;
    const state = this.#state(lease.backend);
    state.end(deployment, startedMs);
    if (outcome.kind === 'succeeded' || outcome.kind === 'throttled') state.know(deployment);

    const cooldown = cooldownAfter(outcome, this.#options.cooldown);
    if (cooldown !== undefined) state.rest(deployment, cooldown, nowMs);
    else if (hasAnswered(outcome)) state.succeed(deployment, startedMs, nowMs);
    // Whatever a backend answers, bar refusing the credential, shows that it can be reached.
    if (hasAnswered(outcome) && cooldown?.scope !== 'backend') state.succeedAsWhole(startedMs, nowMs);
  }

  /** Takes note that a request has come, which earns a share of a retry. */
  noteRequest(nowMs: number): void {
    this.#retries?.earn(nowMs);
  }

  /** Answers whether a retry or a hedge may be made now, and if so counts it. */
  takeRetry(nowMs: number): boolean {
    return this.#retries?.take(nowMs) ?? true;
  }

  /** Answers how every backend stands for a deployment; without one, as a whole. */
  standings(deployment: string | undefined, nowMs: number): Standing<B>[] {
    return this.#states.map((state) =>
      state.standing(deployment === undefined ? undefined : deploymentAt(state.backend, deployment), nowMs),
    );
  }

  #state(backend: B): BackendState<B> {
    const state = this.#stateOf.get(backend);
    if (state === undefined) throw new Error(`backend "${backend.name}" is not of this pool`);
    return state;
  }
}
