import type { ConfigProblem } from './config-error.ts';
import type { Config } from './schema.ts';

/** The meanings of the system's refusals of a port. */
const OF_PORT: Readonly<Record<string, readonly [found: string, allowed: string]>> = {
  EADDRINUSE: ['which another process uses', 'a port that is free, or 0 for any'],
  EACCES: ['which this process may not use', 'a port from 1024 up, such as 8080'],
};

/** Describes why the gateway cannot listen on the configured address, naming the variable or key to change. */
export function describeListenError(
  { code = '' }: NodeJS.ErrnoException,
  { host, port }: Pick<Config, 'host' | 'port'>,
  placeOf: (path: readonly PropertyKey[]) => string | undefined,
): ConfigProblem {
  const meaning = OF_PORT[code];
  if (meaning === undefined)
    return {
      key: placeOf(['host']) ?? 'HOST',
      found: `"${host}" (${code})`,
      allowed: 'an address of this machine, such as 127.0.0.1, or 0.0.0.0 for every interface',
    };
  const [found, allowed] = meaning;
  const key = placeOf(['port']);
  const isDefault = key === undefined ? ', the default' : '';
  return { key: key ?? 'PORT', found: `${port}${isDefault}, ${found} on ${host} (${code})`, allowed };
}
