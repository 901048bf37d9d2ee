import { GatewayError } from '../errors.ts';

const PIN = 'x-spillway-backend';

/**
 * Returns the backend that a request's `x-spillway-backend` asks for, if it has one.
 *
 * @throws GatewayError `bad-request` when there is no such backend
 */
export function readPinnedBackend(
  rawHeaders: readonly string[],
  names: readonly string[],
): string | undefined {
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() !== PIN) continue;
    const name = rawHeaders[i + 1] as string;
    if (names.includes(name)) return name;
    throw new GatewayError('bad-request', `The header ${PIN} must name one of ${names.join(', ')}.`);
  }
  return undefined;
}
