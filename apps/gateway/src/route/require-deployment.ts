import { GatewayError } from '../errors.ts';
import { overloaded } from '../overload/load.ts';
import { namesDeployment } from './operations.ts';

/**
 * Checks that an upload's deployment was found: only the kept beginning of its body is looked at.
 *
 * @param keptBytes how long that is; less than `replayBytes` only where there was no memory for more
 * @throws GatewayError when the operation has a deployment and the beginning does not name it: `bad-request`, or
 *   `overloaded` where more would have been looked at with less to do
 */
export function requireDeployment(
  { operation, deployment }: { readonly operation: string; readonly deployment: string },
  keptBytes: number,
  replayBytes: number,
): void {
  if (deployment !== '' || !namesDeployment(operation)) return;
  if (keptBytes <= replayBytes) throw overloaded('too many request bodies are kept');
  throw new GatewayError(
    'bad-request',
    `No "model" in the first ${keptBytes} bytes of the body. In a body this large it must stand before the file.`,
  );
}
