import type { ClientBudgets, PriorityClass } from '@spillway/core';
import type { Config } from '../config/schema.ts';

/** Who calls: what a client may ask for, and how it is served. */
export interface Client {
  readonly name: string;
  /** The deployments that it may use; any if undefined. */
  readonly deployments: ReadonlySet<string> | undefined;
  /** How urgent its requests are; as all others if undefined. */
  readonly priorityClass: PriorityClass | undefined;
  /** What a backend must have, all of them, to get any of its requests. */
  readonly tags: readonly string[];
  /** The most output tokens that a request may ask for. */
  readonly maxOutputTokens: number | undefined;
  /** Whether it reaches operations that name no deployment. */
  readonly allOperations: boolean;
  /** Whether it reaches stored objects of other clients. */
  readonly allObjects: boolean;
  /** What it may spend; undefined for as much as it likes. */
  readonly budgets: ClientBudgets | undefined;
}

/** A client as it is configured. */
export type ClientConfig = NonNullable<Config['clients']>[number];

/** Makes a client of its configuration. Whoever is restricted in nothing may reach any operation. */
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
  };
}

/** Returns whether a client may do less than before, so that what was begun before may be beyond it. */
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
