import type { ClientBudgets, PriorityClass } from '@spillway/core';
import type { Config } from '../config/schema.ts';

/** A client: its permissions, and how it is served. */
export interface Client {
  readonly name: string;
  /** The deployments that it may use; undefined for any. */
  readonly deployments: ReadonlySet<string> | undefined;
  /** The priority class of its requests; undefined for the usual one. */
  readonly priorityClass: PriorityClass | undefined;
  /** The tags that a backend must have, all of them, to get any of its requests. */
  readonly tags: readonly string[];
  /** The most output tokens that a request may ask for. */
  readonly maxOutputTokens: number | undefined;
  /** Whether it reaches operations that name no deployment. */
  readonly allOperations: boolean;
  /** Whether it reaches stored objects of other clients. */
  readonly allObjects: boolean;
  /** Its budgets; undefined for unlimited spending. */
  readonly budgets: ClientBudgets | undefined;
  /** Whether its charges depend on the deployment that a request names. */
  readonly isChargedByName: boolean;
}

/** A client as it is configured. */
export type ClientConfig = NonNullable<Config['clients']>[number];

/** Creates a client from its configuration. A client without any restriction may use all operations. */
export function createClient(
  config: ClientConfig,
  budgetsOf: (config: ClientConfig) => ClientBudgets | undefined = () => undefined,
): Client {
  const { name, deployments, budgets, maxOutputTokens, allOperations, allObjects } = config;
  const isRestricted = deployments !== undefined || budgets.length > 0;
  return {
    name,
    deployments: deployments && new Set(deployments),
    priorityClass: config.class,
    tags: config.allow,
    maxOutputTokens,
    allOperations: allOperations || !isRestricted,
    allObjects,
    budgets: budgetsOf(config),
    isChargedByName: budgets.some((budget) => budget.deployments !== undefined),
  };
}

/** Returns whether a client may do less than before, so that a session begun earlier may exceed its permissions. */
export function mayLess(now: Client, before: Client): boolean {
  const { deployments } = now;
  return (
    (before.allOperations && !now.allOperations) ||
    (before.allObjects && !now.allObjects) ||
    now.tags.some((tag) => !before.tags.includes(tag)) ||
    (deployments !== undefined &&
      (before.deployments === undefined || [...before.deployments].some((name) => !deployments.has(name))))
  );
}
