import type { Backend } from '../backend.ts';

/** Returns a backend of group 1 and weight 1, except for these overrides. */
export function makeBackend(name: string, different: Partial<Backend> = {}): Backend {
  return { name, priority: 1, weight: 1, ...different };
}
