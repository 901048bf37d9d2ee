import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { authModeOf } from './auth-mode.ts';
import type { ConfigProblem } from './config-error.ts';
import { describeDeployments } from './describe-deployments.ts';
import { isLoopback } from './loopback.ts';
import type { Config } from './schema.ts';

type KeyOf = (path: readonly PropertyKey[]) => string;
type Path = readonly PropertyKey[];

/** Returns the problems of clients and of their authentication that no key shows by itself. */
export function describeClients(config: Config, keyOf: KeyOf): ConfigProblem[] {
  const { clients = [] } = config;
  return [
    ...describeMode(config, keyOf),
    ...describeTwice(
      clients.map(({ name }, at) => [['clients', at, 'name'], name]),
      keyOf,
      'a different name for each client',
    ),
    ...describeTwice(
      clients.flatMap(({ keys = [] }, at) =>
        keys.map(({ sha256 }, n): Named => [['clients', at, 'keys', n, 'sha256'], sha256]),
      ),
      keyOf,
      'each key once',
    ),
    ...describeTwice(
      clients.flatMap(({ entra }, at) =>
        (entra?.applications ?? []).map((id, n): Named => [['clients', at, 'entra', 'applications', n], id]),
      ),
      keyOf,
      'each application at one client, once',
    ),
    ...describeEmptyKeys(clients, keyOf),
    ...describeDeployments(config, keyOf),
  ];
}

/**
 * Returns why a new configuration must not replace one that asks clients who they are: it asks nobody, and does not say that
 * this is intended. A file that lost its end on a full disk may be valid by itself.
 */
export function describeOpening(before: Config, after: Config): ConfigProblem[] {
  const { auth } = after;
  const isOpened = authModeOf(before) !== 'open' && authModeOf(after) === 'open';
  // `allowOpen` does not intend it: it is still set where clients were added to a gateway that was open before.
  if (!isOpened || auth.mode === 'open') return [];
  return [
    {
      key: 'clients',
      found: 'none, while clients have to authenticate now',
      allowed: 'clients, or auth.mode: open to let anyone in from now on',
    },
  ];
}

function describeMode(config: Config, keyOf: KeyOf): ConfigProblem[] {
  const { auth, clients = [], host } = config;
  const mode = authModeOf(config);
  if (mode === 'open') {
    const problems: ConfigProblem[] = [];
    // Whoever removes the last client does not mean to let everybody in.
    if (config.clients?.length === 0 && auth.mode !== 'open')
      problems.push({
        key: keyOf(['clients']),
        found: 'an empty list, with which nobody would have to authenticate',
        allowed: 'at least one client, or auth.mode: open, or no `clients` at all',
      });
    if (clients.length > 0)
      problems.push({
        key: keyOf(['auth', 'mode']),
        found: '"open" with clients',
        allowed: 'keys, entra or both where there are clients',
      });
    if (!auth.allowOpen && !isLoopback(host))
      problems.push({
        key: keyOf(['auth', 'allowOpen']),
        found: `false with ${shownHost(host)}, where anyone who reaches it could spend the quota`,
        allowed:
          'clients with keys, a loopback address as host, or auth.allowOpen: true (SPILLWAY_ALLOW_OPEN=true)',
      });
    return problems;
  }
  if (clients.length === 0)
    return [
      {
        key: keyOf(['clients']),
        found: `none with auth.mode ${mode}, so that nobody could call`,
        allowed: 'at least one client',
      },
    ];
  const problems = clients.flatMap((client, at) => describeIdentity(client, mode, ['clients', at], keyOf));
  if (mode !== 'keys' && auth.entra === undefined)
    problems.push({
      key: keyOf(['auth', 'entra']),
      found: 'nothing',
      allowed: 'tenants and audiences, as tokens of Microsoft Entra ID are taken',
    });
  return problems;
}

/** No key is as short as an address, and one may have ended up there. */
function shownHost(host: string): string {
  return isIP(host) !== 0 || host.length <= 16 ? `the host ${host}` : 'a host that is no loopback address';
}

function describeIdentity(
  { keys, entra }: NonNullable<Config['clients']>[number],
  mode: 'keys' | 'entra' | 'both',
  path: Path,
  keyOf: KeyOf,
): ConfigProblem[] {
  if (keys === undefined && entra === undefined)
    return [
      {
        key: keyOf(path),
        found: 'neither keys nor entra',
        allowed: 'at least one of them, as nobody could call as this client',
      },
    ];
  if (keys !== undefined && mode === 'entra')
    return [
      {
        key: keyOf([...path, 'keys']),
        found: 'keys with auth.mode entra',
        allowed: 'auth.mode keys or both, or no keys',
      },
    ];
  if (entra !== undefined && mode === 'keys')
    return [
      {
        key: keyOf([...path, 'entra']),
        found: 'a map with auth.mode keys',
        allowed: 'auth.mode entra or both, or no entra',
      },
    ];
  return [];
}

/** What `printf %s "$KEY" | sha256sum` and `echo "$KEY" | sha256sum` print if the variable is not set. */
const OF_NOTHING: ReadonlySet<string> = new Set(
  ['', '\n', '\r\n'].map((text) => createHash('sha256').update(text).digest('hex')),
);

function describeEmptyKeys(clients: NonNullable<Config['clients']>, keyOf: KeyOf): ConfigProblem[] {
  return clients.flatMap(({ keys = [] }, at) =>
    keys.flatMap(({ sha256 }, n) => {
      if (!OF_NOTHING.has(sha256)) return [];
      const found = 'the SHA-256 of a text that is empty, as of a variable that is not set';
      return { key: keyOf(['clients', at, 'keys', n, 'sha256']), found, allowed: 'the SHA-256 of a key' };
    }),
  );
}

type Named = readonly [path: Path, value: string];

/** The values themselves are never shown: the hash of a weak key reveals the key. */
function describeTwice(list: readonly Named[], keyOf: KeyOf, allowed: string): ConfigProblem[] {
  const seen = new Map<string, Path>();
  return list.flatMap(([path, value]) => {
    const first = seen.get(value);
    if (first === undefined) {
      seen.set(value, path);
      return [];
    }
    return { key: keyOf(path), found: `the same as ${keyOf(first)}`, allowed };
  });
}
