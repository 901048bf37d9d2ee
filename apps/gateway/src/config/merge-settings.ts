import type { Setting } from './environment.ts';

/** A configuration before validation. */
export interface MergedInput {
  readonly values: Record<string, unknown>;
  /** For each backend of the list, the `<n>` of the variables that it came from. */
  readonly numbers: readonly number[];
}

/**
 * Merges the settings of the environment over those of the file, and names backends without a name. Backends from both
 * sources are not mixed: the caller reports the conflict, and those of the file are checked.
 */
export function mergeSettings(
  fromFile: Readonly<Record<string, unknown>>,
  settings: readonly Setting[],
): MergedInput {
  const values = { ...fromFile };
  const backends = new Map<number, Record<string, unknown>>();
  for (const { path, value } of settings) {
    const [first, second, third] = path;
    if (first === 'backends' && typeof second === 'number') {
      const backend = backends.get(second) ?? { name: `backend-${second}` };
      backends.set(second, { ...backend, [String(third)]: value });
    } else if (second === undefined) {
      values[String(first)] = value;
    } else if (values[String(first)] === undefined || isMap(values[String(first)])) {
      values[String(first)] = { ...(values[String(first)] as object | undefined), [second]: value };
    }
  }
  if (values['backends'] === undefined && backends.size > 0) values['backends'] = [...backends.values()];
  else if (Array.isArray(values['backends'])) values['backends'] = values['backends'].map(nameByPlace);
  const areFromFile = fromFile['backends'] !== undefined;
  return { values, numbers: areFromFile ? [] : [...backends.keys()] };
}

function nameByPlace(backend: unknown, index: number): unknown {
  return isMap(backend) ? { name: `backend-${index + 1}`, ...backend } : backend;
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
