import type { ClientConfig } from './client.ts';

/**
 * Returns when the last of a client's keys expires, in epoch ms: from then on it has no key that is valid. Undefined if
 * one of them never expires, or if it has none that could.
 */
export function lastExpiryMs({ keys = [] }: Pick<ClientConfig, 'keys'>): number | undefined {
  const expiries = keys
    .filter(({ disabled }) => !disabled)
    .map(({ expires }) => (expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires)));
  const last = Math.max(...expiries);
  return Number.isFinite(last) ? last : undefined;
}
