/* The configuration alone, for tools that read it as the gateway does and start none. */
export { ConfigError, type ConfigProblem } from './config-error.ts';
export { loadConfig } from './load.ts';
export { poolBackendOf, poolOptionsOf } from './pool-settings.ts';
export type { Config } from './schema.ts';
