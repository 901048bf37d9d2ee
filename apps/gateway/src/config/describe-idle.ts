import { hasTags } from '@spillway/core';
import { authModeOf } from './auth-mode.ts';
import type { ConfigProblem } from './config-error.ts';
import type { Config } from './schema.ts';

type KeyOf = (path: readonly PropertyKey[]) => string;

/**
 * Returns a problem for each setting of clients that is valid by itself, but has no effect here, or refuses everything.
 */
export function describeIdle(config: Config, keyOf: KeyOf): ConfigProblem[] {
  return [...describeTags(config, keyOf), ...describeClasses(config, keyOf)];
}

function describeTags({ backends, clients = [] }: Config, keyOf: KeyOf): ConfigProblem[] {
  const known = [...new Set(backends.flatMap(({ tags = [] }) => tags))];
  return clients.flatMap(({ allow = [] }, at) => {
    if (backends.some((backend) => hasTags(backend, allow))) return [];
    return {
      key: keyOf(['clients', at, 'allow']),
      found: `tags that no backend has${allow.length > 1 ? ' together' : ''}, so that each request gets a 403`,
      allowed:
        known.length === 0 ? 'tags of a backend; none has any' : `tags of a backend: ${known.join(', ')}`,
    };
  });
}

function describeClasses(config: Config, keyOf: KeyOf): ConfigProblem[] {
  if (config.priorityClasses?.clients === undefined || authModeOf(config) === 'open') return [];
  return [
    {
      key: keyOf(['priorityClasses', 'clients']),
      found: 'keys that have no effect, as there are `clients`',
      allowed: '`class` of each client',
    },
  ];
}
