import { deploymentKey } from '../backend.ts';

/** Returns names without those that differ from an earlier one only in letter case. */
export function withoutSpellings(names: readonly string[]): string[] {
  const seen = new Set<string>();
  return names.filter((name) => {
    const key = deploymentKey(name);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
