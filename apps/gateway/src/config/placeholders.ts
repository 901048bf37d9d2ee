import { isMap, visit, type Document } from 'yaml';
import type { ConfigProblem } from './config-error.ts';
import type { Environment } from './environment.ts';

/** A problem with a placeholder. */
export interface Slip {
  /** The file and the line. */
  readonly place: string;
  readonly problem: ConfigProblem;
}

type At = (offset: number) => string;

/** Inserts the values of variables, in the tree rather than in the source: a value can never change the structure. */
export function interpolate(document: Document, env: Environment, at: At): Slip[] {
  const slips: Slip[] = [];
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value !== 'string' || !node.value.includes('$')) return;
      const place = at(node.range?.[0] ?? 0);
      const text = node.value.replace(/\$\{(\w+)\}/g, (_match, variable: string) => {
        const value = env[variable];
        if (value !== undefined) return value;
        const key = `${place} \${${variable}}`;
        const found = 'no such environment variable';
        slips.push({ place, problem: { key, found, allowed: 'a variable that is set' } });
        return `\${${variable}}`;
      });
      const slip = describeSlip(node.value, env);
      if (slip !== undefined) slips.push({ place, problem: { key: place, ...slip } });
      node.value = node.type === 'PLAIN' ? plainValue(text) : text;
    },
  });
  return slips;
}

const NUMBER = /^\d+(?:\.\d+)?$/;
const FLAG = /^(?:true|false)$/i;

/** Unquoted, a variable may also hold a number or a flag, as in `port: ${PORT}` and `disabled: ${DISABLED}`. */
function plainValue(text: string): string | number | boolean {
  if (NUMBER.test(text)) return Number(text);
  return FLAG.test(text) ? text.toLowerCase() === 'true' : text;
}

/** Describes a placeholder that a shell or a pipeline would replace, but that is not replaced here. */
function describeSlip(text: string, env: Environment): Omit<ConfigProblem, 'key'> | undefined {
  if (/\$\{(?!\w+\})/.test(text)) return { found: '${ } with more than a name in it', allowed: '${NAME}' };
  const [, bare = ''] = /^\$(\w+)$/.exec(text) ?? [];
  const isVariable = env[bare] !== undefined || /^[A-Z][A-Z0-9_]*$/.test(bare);
  return isVariable ? { found: `$${bare} without braces`, allowed: `\${${bare}}` } : undefined;
}

/** Describes placeholders of Helm and others, which YAML reads as a map in a map where they are not in quotes. */
export function describeTemplates(document: Document, at: At): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  visit(document, {
    Map(_, { items }) {
      const key: unknown = items[0]?.key;
      if (!isMap(key)) return undefined;
      const allowed = 'what it stands for, or `${NAME}` for a variable';
      const found = 'a placeholder in {{ }}, which nothing has put a value in place of';
      problems.push({ key: at(key.range?.[0] ?? 0), found, allowed });
      return visit.SKIP;
    },
  });
  return problems;
}
