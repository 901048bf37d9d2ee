import type { ConfigProblem } from './config-error.ts';
import type { Environment } from './environment.ts';
import { isNamedBy } from './no-proxy.ts';
import type { Config } from './schema.ts';

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Returns the proxy that `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` select for an endpoint; this machine
 * is never reached through one.
 */
export function proxyOf(endpoint: string, env: Environment = process.env): string | undefined {
  return settingOf(endpoint, env)?.proxy;
}

/** Falls back from HTTPS_PROXY to ALL_PROXY, as curl does, and then to HTTP_PROXY, as undici’s agent does. */
function settingOf(endpoint: string, env: Environment): { variable: string; proxy: string } | undefined {
  const url = new URL(endpoint);
  const valueOf = (name: string) => env[name.toLowerCase()] || env[name] || undefined;
  if (LOOPBACK.test(url.hostname) || isNamedBy(valueOf('NO_PROXY') ?? '', url)) return undefined;
  const variables =
    url.protocol === 'https:' ? ['HTTPS_PROXY', 'ALL_PROXY', 'HTTP_PROXY'] : ['HTTP_PROXY', 'ALL_PROXY'];
  const variable = variables.find((name) => valueOf(name) !== undefined) ?? '';
  const proxy = valueOf(variable);
  if (proxy === undefined) return undefined;
  // As curl does.
  return { variable, proxy: proxy.includes('://') ? proxy : `http://${proxy}` };
}

/** What looks like a path is the rest of a user or a password: `\\` and `/` end the host for the parser. */
function isUsable(proxy: string): boolean {
  if (!URL.canParse(proxy)) return false;
  const { protocol, pathname, search, hash } = new URL(proxy);
  return /^https?:$/.test(protocol) && pathname + search + hash === '/';
}

/** Returns the problems of the environment's proxies. */
export function describeProxies({ backends }: Pick<Config, 'backends'>): ConfigProblem[] {
  const settings = backends.map(({ url }) => settingOf(url, process.env));
  const wrong = settings.find((setting) => setting !== undefined && !isUsable(setting.proxy));
  if (wrong === undefined) return [];
  const allowed =
    'an http:// or https:// URL of a proxy, or nothing; in a user or a password %5C for \\, %2F for /, %3F for ? and %23 for #';
  return [{ key: wrong.variable, found: 'a text (not shown)', allowed }];
}
