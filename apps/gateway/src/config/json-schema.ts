import { z } from 'zod';
import { configSchema } from './schema.ts';

/** A node of a JSON Schema; `allowed` is our own annotation. */
interface SchemaNode {
  readonly [keyword: string]: unknown;
  readonly description?: string | undefined;
  readonly allowed?: string;
  readonly default?: unknown;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
}

/** A placeholder for the value of a variable, in any text and wherever a number or a flag is allowed. */
const VARIABLE: SchemaNode = { type: 'string', pattern: '\\$\\{\\w+\\}' };

/** Returns the JSON Schema of a configuration file, for editors: it checks less than the gateway does. */
export function renderJsonSchema(): string {
  const { required: _, ...root } = z.toJSONSchema(configSchema, { io: 'input' }) as SchemaNode;
  const { $schema, ...rest } = withVariables(root);
  const schema = { $schema, title: 'Spillway', description: 'The file in SPILLWAY_CONFIG.', ...rest };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

function withVariables(node: SchemaNode): SchemaNode {
  const {
    description,
    allowed,
    default: usual,
    properties,
    additionalProperties: others,
    items,
    anyOf,
  } = node;
  const kept = Object.fromEntries(Object.entries(node).filter(([keyword]) => !CHANGED.has(keyword)));
  const told = {
    description: describe(description, allowed),
    default: typeof usual === 'object' ? undefined : usual,
  };
  if (isPicky(node)) return { ...told, anyOf: [kept, VARIABLE] };
  return {
    ...told,
    ...kept,
    ...(properties && { properties: mapValues(properties, withVariables) }),
    ...(others !== undefined && {
      additionalProperties: typeof others === 'object' ? withVariables(others) : others,
    }),
    ...(items && { items: withVariables(items) }),
    ...(anyOf && { anyOf: anyOf.map(withVariables) }),
  };
}

/** For names of keys, the schema says only that they are texts. */
const CHANGED = new Set(['description', 'allowed', 'default', 'propertyNames']);

const NO_TEXTS: ReadonlySet<string | undefined> = new Set(['boolean', 'integer', 'number']);

/** Returns whether it takes numbers, flags, or only some texts. */
function isPicky({ type, enum: words, pattern }: SchemaNode): boolean {
  return NO_TEXTS.has(type) || words !== undefined || pattern !== undefined;
}

function describe(description: string | undefined, allowed: string | undefined): string | undefined {
  if (allowed === undefined) return description;
  return `${description ?? ''} Allowed: ${allowed}.`.trim();
}

function mapValues<From, To>(
  map: Readonly<Record<string, From>>,
  change: (one: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(map).map(([key, one]) => [key, change(one)]));
}
