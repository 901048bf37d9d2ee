import type { ConfigProblem } from './config-error.ts';

/** What may be said of a quota, by whichever of its members. */
const SETTINGS = ['tpm', 'rpm', 'spillAt'] as const;

type Member = { readonly quotaGroup?: unknown } & {
  readonly [Setting in (typeof SETTINGS)[number]]?: unknown;
};

/** Answers where members of one quota group contradict each other: one quota has one limit. */
export function describeContradictions(backends: unknown): ConfigProblem[] {
  if (!Array.isArray(backends)) return [];
  const members = backends.flatMap((backend: (Member & { quotas?: unknown }) | null) => [
    backend,
    ...Object.values((backend?.quotas ?? {}) as Record<string, Member | null>),
  ]);
  const groups = new Set(members.map((member) => member?.quotaGroup).filter((group) => group !== undefined));
  return [...groups].flatMap((group) =>
    SETTINGS.flatMap((setting) => {
      const values = members
        .filter((member) => member?.quotaGroup === group)
        .map((member) => member?.[setting]);
      const said = [...new Set(values.filter((value) => value !== undefined))];
      if (said.length < 2) return [];
      return {
        key: `quotaGroup ${JSON.stringify(group)}`,
        found: `more than one ${setting}: ${said.map((value) => JSON.stringify(value)).join(', ')}`,
        allowed: `the same ${setting} wherever it is said, as it is one quota`,
      };
    }),
  );
}
