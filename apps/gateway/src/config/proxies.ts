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
  const url = new URL(endpoint);
  const valueOf = (name: string) => env[name.toLowerCase()] || env[name] || undefined;
  if (LOOPBACK.test(url.hostname) || isNamedBy(valueOf('NO_PROXY') ?? '', url)) return undefined;
  const proxy = valueOf(variableOf(url)) ?? valueOf('ALL_PROXY');
  // As curl does.
  return proxy === undefined || proxy.includes('://') ? proxy : `http://${proxy}`;
}

function variableOf({ protocol }: URL): string {
  return `${protocol.slice(0, -1).toUpperCase()}_PROXY`;
}

function isUsable(proxy: string): boolean {
  return URL.canParse(proxy) && /^https?:$/.test(new URL(proxy).protocol);
}

/** Returns the problems of the environment's proxies. */
export function describeProxies({ backends }: Pick<Config, 'backends'>): ConfigProblem[] {
  const wrong = backends.find(({ url }) => {
    const proxy = proxyOf(url);
    return proxy !== undefined && !isUsable(proxy);
  });
  if (wrong === undefined) return [];
  const key = variableOf(new URL(wrong.url));
  return [{ key, found: 'a text (not shown)', allowed: 'an http:// or https:// URL of a proxy, or nothing' }];
}
