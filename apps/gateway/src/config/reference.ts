import { z } from 'zod';
import { BACKEND_VARIABLES, TIMEOUT_VARIABLE, VARIABLES } from './environment.ts';
import { restartKeys } from './reload-effect.ts';
import { configSchema } from './schema.ts';

/** The parts of a JSON Schema node that the reference reads; `allowed` is our own annotation. */
interface SchemaNode {
  readonly description?: string;
  readonly allowed?: string;
  readonly default?: unknown;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
}

/** Returns the configuration reference as Markdown, derived from the schema. */
export function renderReference(): string {
  const root = z.toJSONSchema(configSchema, { io: 'input' }) as SchemaNode;
  return [
    '# Configuration',
    '',
    'Generated from `apps/gateway/src/config/schema.ts`; do not edit. `pnpm exec vitest run reference --update` rewrites it.',
    '',
    'Spillway is configured by environment variables, by the YAML file that `SPILLWAY_CONFIG` names, or by both. A variable',
    'wins over the file. Backends come from one of the two. `${NAME}` in the file stands for the environment variable of that',
    'name, so that the file need not hold keys; without quotes it may also be a number, `true` or `false`. `<<: *name` puts in',
    'what the anchor `&name` has. If the configuration is wrong, the gateway lists every problem and exits with 1.',
    '',
    'Editors check the file and explain its keys with [spillway.schema.json](spillway.schema.json). Put it beside the file, which',
    'then begins with `# yaml-language-server: $schema=./spillway.schema.json`. The schema checks each key by itself: whether keys',
    'and variables fit together is known to the gateway and to `spillway check-config`.',
    '',
    '## Environment variables',
    '',
    'An empty variable counts as unset. A variable that begins with `BACKEND_<n>_` but is not in this table is an error.',
    '',
    '| variable | sets |',
    '| --- | --- |',
    '| `SPILLWAY_CONFIG` | the configuration file |',
    ...Object.entries(VARIABLES).map(([variable, path]) => `| \`${variable}\` | \`${path.join('.')}\` |`),
    `| \`${TIMEOUT_VARIABLE}\` | \`timeouts.attemptMs\`, in seconds |`,
    ...Object.entries(BACKEND_VARIABLES).map(
      ([suffix, key]) => `| \`BACKEND_<n>_${suffix}\` | \`${key}\` of a backend; \`<n>\` is any number |`,
    ),
    '',
    'Backends are reached through the proxy in `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY`, except those in `NO_PROXY`:',
    '`example.com` covers its subdomains too, `*.example.com` only those, `example.com:8443` one port, and `*` every backend.',
    '`HTTP_PROXY` is used for `https` endpoints too where neither of the others is set.',
    '',
    '## Keys of the file',
    '',
    'A changed file takes effect at once, without a lost request ([reload](reload.md)), except for these keys, which need a restart:',
    `${restartKeys()
      .map((key) => `\`${key}\``)
      .join(', ')}.`,
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
    const map = child.anyOf?.find(({ properties }) => properties !== undefined);
    if (map !== undefined) return [row, ...renderRows(`${key}.`, map)];
    return child.items ? [row, ...renderRows(`${key}[].`, child.items)] : [row];
  });
}

function renderDefault(node: SchemaNode): string {
  const isEmpty = node.default === undefined || typeof node.default === 'object';
  return isEmpty ? '' : `\`${String(node.default)}\``;
}
