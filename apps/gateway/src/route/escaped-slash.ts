import { percentDecoded } from '../body/percent-decoded.ts';
import { GatewayError } from '../errors.ts';
import { namesDeployment } from './operations.ts';

const ESCAPED = /%2f|%5c|\\/i;

/**
 * Checks that an operation of a deployment, or of a batch in its own body, is separated by plain slashes. For some
 * backends an escaped slash separates too: they would then perform an operation that is neither limited nor charged
 * here.
 *
 * @throws GatewayError `bad-request` if it is not
 */
export function checkSlashes({
  operation,
  deploymentPlace,
}: {
  readonly operation: string;
  readonly deploymentPlace?: { readonly in: string } | undefined;
}): void {
  if (!ESCAPED.test(operation)) return;
  const plain = percentDecoded(operation)
    .toLowerCase()
    .replaceAll(/[/\\]+/g, '/')
    .replace(/\/$/, '');
  if (deploymentPlace?.in === 'path' || namesDeployment(plain) || plain === 'messages/batches')
    throw new GatewayError(
      'bad-request',
      'A slash in the path is escaped. Write the operation with "/", such as "chat/completions".',
    );
}
