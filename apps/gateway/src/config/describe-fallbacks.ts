import { deploymentAt, deploymentKey } from '@spillway/core';
import type { ConfigProblem } from './config-error.ts';
import { describeUnknown, knownDeployments } from './describe-deployments.ts';
import { poolBackendOf } from './pool-settings.ts';
import type { Config } from './schema.ts';

type KeyOf = (path: readonly PropertyKey[]) => string;

const WAYS = ['whenSpent', 'whenTooLong'] as const;
const NAMES = ['deployment', ...WAYS] as const;

/** Returns the problems of fallbacks that no key shows by itself. */
export function describeFallbacks(
  { fallbacks = [], backends }: Pick<Config, 'fallbacks' | 'backends'>,
  keyOf: KeyOf,
): ConfigProblem[] {
  const known = knownDeployments(backends);
  const identityOf = createIdentityOf(backends);
  return fallbacks.flatMap((rule, at) => [
    ...NAMES.flatMap((key) => {
      const name = rule[key];
      return name === undefined ? [] : describeUnknown(name, known, keyOf(['fallbacks', at, key]));
    }),
    ...describeTwice(rule.deployment, at, fallbacks, keyOf),
    ...WAYS.flatMap((way) => describeWay(fallbacks, at, way, { keyOf, identityOf })),
  ]);
}

type Rules = NonNullable<Config['fallbacks']>;
type IdentityOf = (deployment: string) => string;

/** Creates the function that returns one text for all names of a deployment: those that are the same at every backend. */
function createIdentityOf(configured: Config['backends']): IdentityOf {
  const backends = configured.map(poolBackendOf);
  return (deployment) => {
    const name = deploymentKey(deployment);
    const names = backends.map((backend) => deploymentKey(deploymentAt(backend, name)));
    return names.length === 0 ? name : JSON.stringify(names);
  };
}

function describeTwice(deployment: string, at: number, rules: Rules, keyOf: KeyOf): ConfigProblem[] {
  const key = deploymentKey(deployment);
  const first = rules.findIndex((rule) => deploymentKey(rule.deployment) === key);
  if (first === at) return [];
  const found = `${JSON.stringify(deployment)}, the same as ${keyOf(['fallbacks', first, 'deployment'])}`;
  return [
    {
      key: keyOf(['fallbacks', at, 'deployment']),
      found,
      allowed: 'a different deployment for each fallback',
    },
  ];
}

function describeWay(
  rules: Rules,
  at: number,
  way: (typeof WAYS)[number],
  { keyOf, identityOf }: { readonly keyOf: KeyOf; readonly identityOf: IdentityOf },
): ConfigProblem[] {
  const { deployment = '', [way]: target } = rules[at] ?? {};
  if (target === undefined) return [];
  const problem = (allowed: string): ConfigProblem[] => [
    { key: keyOf(['fallbacks', at, way]), found: JSON.stringify(target), allowed },
  ];
  // Vectors of different models are not comparable, and nobody would notice.
  if (/embed/i.test(`${deployment} ${target}`))
    return problem('no deployment for embeddings, as their vectors would be mixed');
  return reachedFrom(target, rules, way, identityOf).has(identityOf(deployment))
    ? problem('a deployment that does not lead back to the first, by any of their names')
    : [];
}

/** Returns the identities of a deployment, of its fallback, of that one's fallback, and so on. */
function reachedFrom(
  deployment: string,
  rules: Rules,
  way: (typeof WAYS)[number],
  identityOf: IdentityOf,
): ReadonlySet<string> {
  const reached = new Set([identityOf(deployment)]);
  // Goes on with those that are added meanwhile.
  for (const identity of reached)
    for (const { deployment: from, [way]: to } of rules)
      if (to !== undefined && identityOf(from) === identity) reached.add(identityOf(to));
  return reached;
}
