import type { IncomingHttpHeaders } from 'node:http';

const usualCooldownSeconds = 10;

/**
 * Reads how long a backend asks to be left alone, as the Azure sample does: `Retry-After`, else the reset headers, else
 * 10 s. Azure sends whole seconds. If the quota's time runs faster, they are whole seconds of that time, which
 * `retry-after-ms` is rounded up to; a real second would be several of them.
 */
export function readCooldownMs(headers: IncomingHttpHeaders, timeScale: number): number {
  const exactMs = numberOf(headers['retry-after-ms']);
  if (timeScale !== 1 && exactMs !== undefined)
    return (Math.ceil((exactMs * timeScale) / 1_000) * 1_000) / timeScale;
  const told =
    numberOf(headers['retry-after']) ??
    numberOf(headers['x-ratelimit-reset-requests']) ??
    numberOf(headers['x-ratelimit-reset-tokens']);
  return told === undefined ? (usualCooldownSeconds * 1_000) / timeScale : told * 1_000;
}

function numberOf(value: string | string[] | undefined): number | undefined {
  const number = Number(value);
  return value === undefined || Number.isNaN(number) ? undefined : number;
}
