import { z } from 'zod';
import { BACKEND_VARIABLES, TIMEOUT_VARIABLE, VARIABLES } from './environment.ts';
import { configSchema } from './schema.ts';

/** What the reference reads of a JSON Schema node; `allowed` is our own annotation. */
interface SchemaNode {
  readonly description?: string;
  readonly allowed?: string;
  readonly default?: unknown;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
}

/** Answers the configuration reference as Markdown, read off the schema. */
export function renderReference(): string {
  const root = z.toJSONSchema(configSchema, { io: 'input' }) as SchemaNode;
  return [
    '# Configuration',
    '',
    'Generated from `apps/gateway/src/config/schema.ts`; do not edit. `pnpm exec vitest run reference --update` writes it anew.',
    '',
    'Spillway is configured by environment variables, by the YAML file that `SPILLWAY_CONFIG` names, or by both;',
    'a variable wins over the file. A `${NAME}` in the file stands for the environment variable of that name, so that',
    'keys need not be in it. Whatever is wrong is reported at once, and the gateway exits with 1.',
    '',
    '## Environment variables',
    '',
    'An empty variable counts as unset. A variable that begins with `BACKEND_<n>_` and is none of these is an error.',
    '',
    '| variable | sets |',
    '| --- | --- |',
    '| `SPILLWAY_CONFIG` | the configuration file |',
    ...Object.entries(VARIABLES).map(([variable, path]) => `| \`${variable}\` | \`${path.join('.')}\` |`),
    `| \`${TIMEOUT_VARIABLE}\` | \`timeouts.overallMs\`, in seconds |`,
    ...Object.entries(BACKEND_VARIABLES).map(
      ([suffix, key]) => `| \`BACKEND_<n>_${suffix}\` | \`${key}\` of a backend; \`<n>\` is any number |`,
    ),
    '',
    '## Keys of the file',
    '',
    '| key | default | allowed | what it does |',
    '| --- | --- | --- | --- |',
    ...renderRows('', root),
    '',
  ].join('\n');
}

function renderRows(prefix: string, node: SchemaNode): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const key = `${prefix}${name}`;
    if (child.properties) return renderRows(`${key}.`, child);
    const row = `| \`${key}\` | ${renderDefault(child)} | ${child.allowed ?? 'a map'} | ${child.description ?? ''} |`;
    return child.items ? [row, ...renderRows(`${key}[].`, child.items)] : [row];
  });
}

function renderDefault(node: SchemaNode): string {
  return node.default === undefined ? '' : `\`${String(node.default)}\``;
}
