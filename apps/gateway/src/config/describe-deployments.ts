import { deploymentKey } from '@spillway/core';
import type { ConfigProblem } from './config-error.ts';
import { nearestOf } from './meant-key.ts';
import type { Config } from './schema.ts';

type Path = readonly PropertyKey[];
type KeyOf = (path: Path) => string;
/** Everything that names deployments. */
type Named = Pick<Config, 'backends' | 'clients' | 'fallbacks'>;

/** A misspelt name would limit nothing. */
export function describeDeployments(config: Config, keyOf: KeyOf): ConfigProblem[] {
  const known = knownDeployments(config.backends);
  const unknown = (names: readonly string[], path: Path) =>
    names.flatMap((name, n) => describeUnknown(name, known, keyOf([...path, n])));
  return (config.clients ?? []).flatMap(({ deployments, budgets }, at) => [
    ...unknown(deployments ?? [], ['clients', at, 'deployments']),
    ...budgets.flatMap((budget, b) => {
      const path = ['clients', at, 'budgets', b, 'deployments'];
      const names = budget.deployments ?? [];
      const outside = names.flatMap((name, n) => {
        if (deployments === undefined || deployments.includes(name)) return [];
        const allowed = `one of the client’s own deployments: ${deployments.join(', ')}`;
        return [{ key: keyOf([...path, n]), found: shown(name), allowed }];
      });
      return outside.length > 0 ? outside : unknown(deployments === undefined ? names : [], path);
    }),
  ]);
}

/** Returns a problem for the name of a deployment that no backend has, where backends list theirs. */
export function describeUnknown(name: string, known: ReadonlySet<string>, key: string): ConfigProblem[] {
  if (known.size === 0 || known.has(name)) return [];
  const allowed = `a deployment that a backend is configured with: ${[...known].join(', ')}`;
  return [{ key, found: shownWithHint(name, known), allowed }];
}

/**
 * Returns a problem for each deployment that only budgets name, where no backend lists its deployments: nothing shows
 * whether it is misspelt, and such a budget would limit nothing.
 */
export function describeUnlisted(
  { backends, clients = [], fallbacks = [] }: Named,
  keyOf: KeyOf,
): ConfigProblem[] {
  // What they do not list is refused.
  if (knownDeployments(backends).size > 0) return [];
  const listed = [
    ...backends.map(({ deployment }) => deployment),
    ...clients.flatMap(({ deployments = [] }) => deployments),
    ...fallbacks.flatMap(({ deployment, whenSpent, whenTooLong }) => [deployment, whenSpent, whenTooLong]),
  ].filter((name) => name !== undefined);
  const told = new Set(listed.map(deploymentKey));
  return namesInBudgets(clients).flatMap(({ name, path }) => {
    if (told.has(deploymentKey(name))) return [];
    told.add(deploymentKey(name));
    return {
      key: keyOf(path),
      found: `${shownWithHint(name, new Set(listed))}, which only budgets name: if it is misspelt, they limit nothing`,
      allowed: 'a deployment that `deployments` of a backend or of a client lists as well',
    };
  });
}

function namesInBudgets(clients: NonNullable<Config['clients']>) {
  return clients.flatMap(({ budgets }, at) =>
    budgets.flatMap(({ deployments = [] }, b) =>
      deployments.map((name, n) => ({ name, path: ['clients', at, 'budgets', b, 'deployments', n] })),
    ),
  );
}

function shownWithHint(name: string, known: ReadonlySet<string>): string {
  const nearest = nearestOf(name, [...known]);
  return nearest === undefined ? shown(name) : `${shown(name)} (did you mean ${nearest}?)`;
}

/** Deployment names are not secret, but a key may have ended up there. */
function shown(name: string): string {
  return name.length <= 64 && !name.startsWith('spw_') ? JSON.stringify(name) : 'a text (not shown)';
}

/**
 * Returns the deployment names that backends are configured with; none where any name may be valid, as clients list
 * none: a backend with one deployment for everything takes any name.
 */
export function knownDeployments(backends: Config['backends']): ReadonlySet<string> {
  const listed = backends.flatMap(({ deployments = {}, quotas = {} }) => [
    ...Object.entries(deployments).flat(),
    ...Object.keys(quotas),
  ]);
  if (listed.length === 0) return new Set();
  const spare = backends.flatMap(({ deployment }) => (deployment === undefined ? [] : [deployment]));
  return new Set([...listed, ...spare]);
}
