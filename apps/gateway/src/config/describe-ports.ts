import type { ConfigProblem } from './config-error.ts';
import type { Config } from './schema.ts';

const ANY = new Set(['0.0.0.0', '::']);

/** Returns a problem if clients and operators share the same port of the same address. */
export function describePorts(
  { host, port, admin }: Pick<Config, 'host' | 'port' | 'admin'>,
  keyOf: (path: readonly PropertyKey[]) => string,
): ConfigProblem[] {
  if (admin === false || port === 0 || port !== admin.port) return [];
  if (host !== admin.host && !ANY.has(host) && !ANY.has(admin.host)) return [];
  const found = `${port}, which the listener for operators uses as well (admin.port)`;
  return [{ key: keyOf(['port']), found, allowed: 'a port for each of them' }];
}
