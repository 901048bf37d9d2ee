export { ConfigError, type ConfigProblem } from './config/config-error.ts';
export { loadConfig } from './config/load.ts';
export { type Config, type ConfigInput, configSchema } from './config/schema.ts';
export { type Gateway, startGateway } from './gateway.ts';
