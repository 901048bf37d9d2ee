import { generateSync } from 'json-schema-faker';
import { withFiniteChoices } from './finite-choices.ts';
import type { JsonSchema } from 'json-schema-faker';

// The same schema gets the same value, with as little in it as the schema allows: lists are empty where they may be.
const options = { seed: 1, optionalsProbability: 0, maxDefaultItems: 0 };
/** Deeper than any schema that Azure takes. */
const maxDepth = 64;

/** Makes JSON that satisfies a schema; for an unreadable schema, an empty object. */
export function sampleJson(schema: unknown): string {
  try {
    const given = asObject(schema);
    const finite = withFiniteChoices(given) as JsonSchema | undefined;
    const value =
      finite === undefined ? generateSync(given, options) : generateSync(finite, { ...options, maxDepth });
    return JSON.stringify(value ?? {});
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
