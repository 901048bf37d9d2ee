import type { ConfigProblem } from './config-error.ts';
import { describeUnknown, knownDeployments } from './describe-clients.ts';
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
  return fallbacks.flatMap((rule, at) => [
    ...NAMES.flatMap((key) => {
      const name = rule[key];
      return name === undefined ? [] : describeUnknown(name, known, keyOf(['fallbacks', at, key]));
    }),
    ...describeTwice(rule.deployment, at, fallbacks, keyOf),
    ...WAYS.flatMap((way) => describeWay(fallbacks, at, way, keyOf)),
  ]);
}

type Rules = NonNullable<Config['fallbacks']>;

function describeTwice(deployment: string, at: number, rules: Rules, keyOf: KeyOf): ConfigProblem[] {
  const first = rules.findIndex((rule) => rule.deployment === deployment);
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

function describeWay(rules: Rules, at: number, way: (typeof WAYS)[number], keyOf: KeyOf): ConfigProblem[] {
  const { deployment = '', [way]: target } = rules[at] ?? {};
  if (target === undefined) return [];
  const problem = (allowed: string): ConfigProblem[] => [
    { key: keyOf(['fallbacks', at, way]), found: JSON.stringify(target), allowed },
  ];
  // Vectors of different models are not comparable, and nobody would notice.
  if (/embed/i.test(`${deployment} ${target}`))
    return problem('no deployment for embeddings, as their vectors would be mixed');
  return leadsBack(rules, way, deployment)
    ? problem('a deployment that does not lead back to the first')
    : [];
}

function leadsBack(rules: Rules, way: (typeof WAYS)[number], deployment: string): boolean {
  const passed = new Set<string>();
  let next = rules.find((rule) => rule.deployment === deployment)?.[way];
  while (next !== undefined && !passed.has(next)) {
    if (next === deployment) return true;
    passed.add(next);
    const from = next;
    next = rules.find((rule) => rule.deployment === from)?.[way];
  }
  return false;
}
