import { isPem } from '../config/network.ts';

/** Keys whose values are never shown. */
export const SECRET_KEYS: ReadonlySet<string> = new Set(['apiKey', 'clientSecret', 'key', 'sha256', 'token']);

/** The user and password in a URL: no key allows them today. */
const USER_INFO = /^([a-z][a-z\d+.-]*:\/\/)[^/?#]*@/i;

/** Returns a configuration as operators may see it: with its defaults, without its secrets. */
export function maskConfig(value: unknown, key = ''): unknown {
  if (SECRET_KEYS.has(key) && value !== undefined) return '***';
  // A certificate may be inline text, next to which somebody may have left its private key.
  if (typeof value === 'string') return isPem(value) ? '(PEM)' : value.replace(USER_INFO, '$1***@');
  if (Array.isArray(value)) return value.map((item) => maskConfig(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, maskConfig(inner, name)]));
}
