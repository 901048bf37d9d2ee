import { GatewayError } from '../errors.ts';
import { namesDeployment } from './operations.ts';

/**
 * Checks that an upload's deployment was found: only the kept beginning of its body is looked at.
 *
 * @throws GatewayError `bad-request` when the operation has a deployment and the beginning does not name it
 */
export function requireDeployment(
  { operation, deployment }: { readonly operation: string; readonly deployment: string },
  keptBytes: number,
): void {
  if (deployment !== '' || !namesDeployment(operation)) return;
  throw new GatewayError(
    'bad-request',
    `No "model" in the first ${keptBytes} bytes of the body. In a body this large it must stand before the file.`,
  );
}
