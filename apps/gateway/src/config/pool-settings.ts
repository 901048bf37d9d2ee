import type { Backend, PoolOptions } from '@spillway/core';
import type { BackendConfig, Config } from './schema.ts';

/** Returns a backend of the configuration in the core's form. */
export function poolBackendOf(config: BackendConfig): Backend {
  return {
    name: config.name ?? new URL(config.url).host,
    priority: config.priority,
    weight: config.weight,
    tags: config.tags,
    maxInFlight: config.maxInFlight,
    deployment: config.deployment,
    deployments: config.deployments && new Map(Object.entries(config.deployments)),
    quota: {
      tpm: config.tpm,
      rpm: config.rpm,
      quotaGroup: config.quotaGroup,
      spillAt: config.spillAt,
    },
    quotas: config.quotas && new Map(Object.entries(config.quotas)),
  };
}

/** Returns the settings of the pool as a whole. */
export function poolOptionsOf(config: Config): Omit<PoolOptions, 'random'> {
  return { ...config, quotaWindows: config.quota, reserves: config.priorityClasses?.reserves };
}
