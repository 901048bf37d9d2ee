import { fieldOf, listOf } from '../read-json.ts';

const choices = ['anyOf', 'oneOf'];

/**
 * Returns a schema without the alternatives that recurse without end, so that a minimal value is finite; undefined if no
 * finite value satisfies it.
 */
export function withFiniteChoices(root: unknown): unknown {
  const finite = finiteTargets(root);
  if (!isFinite(root, root, finite)) return undefined;
  return rewrite(root, (option) => isFinite(option, root, finite));
}

/** Finds the targets of references that have a finite value: those that require only parts with finite values. */
function finiteTargets(root: unknown): ReadonlySet<unknown> {
  const finite = new Set<unknown>();
  let open = [...new Set(referencesIn(root))].map((reference) => resolve(root, reference));
  for (let count = -1; count !== open.length;) {
    count = open.length;
    for (const target of open) if (isFinite(target, root, finite)) finite.add(target);
    open = open.filter((target) => !finite.has(target));
  }
  return finite;
}

function isFinite(schema: unknown, root: unknown, finite: ReadonlySet<unknown>): boolean {
  const isEnding = (part: unknown) => isFinite(part, root, finite);
  const reference = fieldOf(schema, '$ref');
  if (typeof reference === 'string' && !finite.has(resolve(root, reference))) return false;
  const needed = listOf(fieldOf(schema, 'required')).map((name) =>
    fieldOf(fieldOf(schema, 'properties'), String(name)),
  );
  if (Number(fieldOf(schema, 'minItems') ?? 0) > 0) needed.push(fieldOf(schema, 'items'));
  if (![...needed, ...listOf(fieldOf(schema, 'allOf'))].every(isEnding)) return false;
  return choices.every((name) => {
    const options = listOf(fieldOf(schema, name));
    return options.length === 0 || options.some(isEnding);
  });
}

function referencesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const reference = fieldOf(value, '$ref');
  const inside = Object.values(value).flatMap(referencesIn);
  return typeof reference === 'string' ? [reference, ...inside] : inside;
}

/** Follows a JSON pointer (RFC 6901) within the schema. */
function resolve(root: unknown, reference: string): unknown {
  const [, ...names] = reference.replace(/^#/, '').split('/');
  return names.reduce<unknown>(
    (node, name) => fieldOf(node, decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~')),
    root,
  );
}

function rewrite(value: unknown, isEnding: (option: unknown) => boolean): unknown {
  if (Array.isArray(value)) return value.map((one) => rewrite(one, isEnding));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([name, field]) => {
    const options = choices.includes(name) ? listOf(field).filter(isEnding) : [];
    return [name, rewrite(options.length > 0 ? options : field, isEnding)];
  });
  return Object.fromEntries(fields);
}
