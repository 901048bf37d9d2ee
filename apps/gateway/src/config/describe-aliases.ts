import { isAlias, isMap, isScalar, isSeq, visit, type Document } from 'yaml';
import type { ConfigProblem } from './config-error.ts';

/** Describes why the aliases and merge keys of a document cannot be put in place. */
export function describeAliases(document: Document, at: (offset: number) => string): ConfigProblem {
  let problem: ConfigProblem | undefined;
  let first = 0;
  visit(document, {
    Alias(_, node) {
      const offset = node.range?.[0] ?? 0;
      first ||= offset;
      if (node.resolve(document) !== undefined) return undefined;
      const found = 'an alias that cannot be resolved';
      problem = { key: at(offset), found, allowed: 'an alias of an anchor above it' };
      return visit.BREAK;
    },
    Pair(_, { key, value }) {
      if (!isScalar(key) || key.source !== '<<' || mergesMaps(value, document)) return undefined;
      const found = '<< with something else than a map';
      problem = {
        key: at(key.range?.[0] ?? 0),
        found,
        allowed: '`<<: *name`, of a map with the anchor &name',
      };
      return visit.BREAK;
    },
  });
  const found = 'aliases of aliases that expand to too much';
  return problem ?? { key: at(first), found, allowed: 'fewer of them' };
}

/** Returns whether a value can be merged into a map: an unknown alias is a problem of its own. */
function mergesMaps(value: unknown, document: Document): boolean {
  const parts = isSeq(value) ? value.items : [value];
  return parts.every((part) => {
    const meant = isAlias(part) ? part.resolve(document) : part;
    return meant === undefined || isMap(meant);
  });
}
