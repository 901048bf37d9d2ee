import { type Metering, meterings, OF_DEPLOYMENT, OTHERS } from './meterings.ts';

const PASSED = meterings.at(-1) as Metering;
/** By method and operation. */
const exact = new Map<string, Map<string, Metering>>();
const patterns: { readonly metering: Metering; readonly pattern: RegExp }[] = [];
for (const metering of meterings) {
  const { operation, method } = metering;
  const ofMethod = exact.get(method) ?? new Map<string, Metering>();
  exact.set(method, ofMethod.set(operation, metering));
  const pattern = operation.replaceAll(/\*+/g, (stars) => (stars === '**' ? '.*' : '[^/]+'));
  patterns.push({ metering, pattern: new RegExp(`^${pattern}$`) });
}

/** Operations on a stored answer itself: its metadata are changed, or it is cancelled. */
const OF_STORED = /(?:^chat\/completions\/|\/runs\/)[^/]+$|\/cancel$/;

/** Returns whether an answer reports its own request's usage: reading a stored one again uses nothing. */
export function tellsOwnUsage(method: string, operation: string): boolean {
  return method === 'POST' && !(operation.includes('/') && OF_STORED.test(operation));
}

/**
 * Returns how an operation is metered.
 *
 * @param namesDeployment whether the request names a deployment, in its path or its body
 */
export function meteringOf(method: string, operation: string, namesDeployment = false): Metering {
  const ofMethod = exact.get(method);
  const found = ofMethod?.get(operation) ?? findPattern(method, operation);
  if (found.operation !== OTHERS || !namesDeployment) return found;
  return ofMethod?.get(OF_DEPLOYMENT) ?? found;
}

function findPattern(method: string, operation: string): Metering {
  const found = patterns.find(
    ({ metering, pattern }) =>
      (metering.method === 'any' || metering.method === method) && pattern.test(operation),
  );
  return found?.metering ?? PASSED;
}
