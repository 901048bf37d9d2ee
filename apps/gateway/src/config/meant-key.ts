import leven from 'leven';
import { z } from 'zod';
import { configSchema } from './schema.ts';

type Node = z.core.JSONSchema.BaseSchema;

function schemaOf(): Node {
  return z.toJSONSchema(configSchema, { io: 'input' });
}

/** Returns the keys that the schema knows at a path, read from its JSON Schema. */
export function allowedKeys(path: readonly PropertyKey[]): string[] {
  let node: Node = schemaOf();
  for (const key of path) {
    const next =
      typeof key === 'number' ? node.items : (node.properties?.[String(key)] ?? node.additionalProperties);
    node = mapOf(next as typeof node);
  }
  return Object.keys(node.properties ?? {});
}

/** Returns the map where a map or "off" is allowed; a map may have further rules for its keys. */
function mapOf(node: Node): Node {
  if (node.properties !== undefined) return node;
  return (node.anyOf?.find(({ properties }) => properties !== undefined) ?? node) as typeof node;
}

/** Other programs' names for a backend’s address and its key. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['endpoint', 'url'],
  ['azureendpoint', 'url'],
  ['baseurl', 'url'],
  ['apibase', 'url'],
  ['key', 'apiKey'],
]);

export function meantBy(key: string, known: readonly string[]): string | undefined {
  const nearest = nearestOf(key, known);
  if (nearest !== undefined) return nearest;
  const name = ELSEWHERE.get(plain(key));
  return name !== undefined && known.includes(name) ? name : placeOf(key);
}

/** Returns a key without what its spellings differ in: `api_base`, `API-Base` and `apiBase` are one. */
function plain(key: string): string {
  return key.toLowerCase().replaceAll(/[_-]/g, '');
}

/** A key that differs more is no typing error. */
const MAX_DISTANCE = 2;

/** Returns the known key that was probably meant by an unknown one. */
export function nearestOf(key: string, known: readonly string[]): string | undefined {
  const distances = known.map((name) => ({ name, by: leven(key.toLowerCase(), name.toLowerCase()) }));
  const nearest = distances.reduce((a, b) => (b.by < a.by ? b : a), {
    name: '',
    by: Number.POSITIVE_INFINITY,
  });
  return nearest.by <= MAX_DISTANCE && nearest.by < nearest.name.length ? nearest.name : undefined;
}

/** Returns the key with its map, if exactly one map of the configuration has such a key. */
function placeOf(key: string): string | undefined {
  const { properties = {} } = schemaOf();
  const places = Object.entries(properties).flatMap(([map, node]) =>
    Object.keys(mapOf(node as Node).properties ?? {})
      .filter((name) => plain(name) === plain(key))
      .map((name) => `${map}.${name}`),
  );
  return places.length === 1 ? places[0] : undefined;
}
