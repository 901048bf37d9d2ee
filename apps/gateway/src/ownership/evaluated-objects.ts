import { parseWithTwins } from '../body/parse-with-twins.ts';
import { valuesAt } from '../body/values-at.ts';

const EVALUATION = /^evals(?:\/|$)/;
/** Data in the request itself, or in a file, whose id is checked like any other. */
const OF_ITS_OWN: ReadonlySet<string> = new Set(['file_id', 'file_content']);
const LONGEST_TYPE = 256;

/**
 * Returns whether an evaluation would use what a resource has stored for all clients, such as responses and chat
 * completions: it selects them by filters instead of ids, and its results show them.
 */
export function evaluatesObjectsOfAll(operation: string, body: Buffer): boolean {
  if (!EVALUATION.test(operation)) return false;
  const sources = valuesAt(parseWithTwins(body, LONGEST_TYPE), 'data_source');
  const types = sources
    .flatMap((source) => valuesAt(source, 'source'))
    .flatMap((one) => valuesAt(one, 'type'));
  const kinds = sources.flatMap((source) => valuesAt(source, 'type'));
  return (
    types.some((type) => typeof type !== 'string' || !OF_ITS_OWN.has(type)) ||
    kinds.some((kind) => typeof kind !== 'string' || kind.includes('traces'))
  );
}
