import type { Backend } from '../backend.ts';

/** Returns a backend of group 1 and weight 1, but for what is said otherwise. */
export function makeBackend(name: string, different: Partial<Backend> = {}): Backend {
  return { name, priority: 1, weight: 1, ...different };
}
