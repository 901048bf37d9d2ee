import { generateSync } from 'json-schema-faker';
import type { JsonSchema } from 'json-schema-faker';

// The same schema gets the same value, with as little in it as the schema allows.
const options = { seed: 1, optionalsProbability: 0, maxDefaultItems: 2 };

/** Makes JSON that satisfies a schema; for an unreadable schema, an empty object. */
export function sampleJson(schema: unknown): string {
  try {
    return JSON.stringify(generateSync(asObject(schema), options) ?? {});
  } catch {
    return '{}';
  }
}

/** A model's JSON answer is an object, unless the schema wants something else. */
function asObject(schema: unknown): JsonSchema {
  const given = typeof schema === 'object' && schema !== null ? schema : {};
  const isOpen = !['type', '$ref', 'anyOf', 'oneOf', 'allOf', 'enum', 'const'].some((key) => key in given);
  return (isOpen ? { type: 'object', ...given } : given) as JsonSchema;
}
