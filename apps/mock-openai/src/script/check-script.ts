import { checkField, show, time, wholeNumber } from '../fields/field.ts';
import { fieldsOf, neededFields, stepKinds } from './step-fields.ts';
import type { Field } from '../fields/field.ts';
import type { Script } from './step.ts';

/** A script, or all its problems. */
export type ScriptResult =
  | { readonly kind: 'script'; readonly script: Script }
  | { readonly kind: 'wrong'; readonly problems: readonly string[] };

/** The share of the requests that a step gets. */
export const chance: Field = {
  allowed: 'a chance above 0% and up to 100%, such as 10% (in JSON: 0.1)',
  read: (text) => text,
  isValid: (value) => typeof value === 'number' && value > 0 && value <= 1,
};

/** Why a step that refuses may have no chance. */
export const refuseByChance =
  'refuse cannot have a chance, because a closed port refuses everyone; reset can';

const lengths: Readonly<Record<string, Field>> = { times: wholeNumber(1), forMs: time, chance };

/** Checks steps that came as JSON; every problem names its place, such as `[2].status`. */
export function checkScript(value: unknown): ScriptResult {
  if (!Array.isArray(value)) return { kind: 'wrong', problems: [`${show(value)} is not a list of steps`] };
  const steps: readonly unknown[] = value;
  const problems = steps.flatMap((step, index) => checkStep(step, `[${index}]`));
  for (const [index, step] of steps.entries()) {
    if (index < steps.length - 1 && problems.length === 0 && lastsForEver(step)) {
      problems.push(`[${index + 1}]: is never reached, because the step before it always applies`);
      break;
    }
  }
  return problems.length === 0 ? { kind: 'script', script: value as Script } : { kind: 'wrong', problems };
}

function checkStep(step: unknown, place: string): string[] {
  if (typeof step !== 'object' || step === null) return [`${place}: ${show(step)} is not a step`];
  const { kind, ...rest } = step as Readonly<Record<string, unknown>>;
  const known = fieldsOf(kind);
  if (known === undefined) return [`${place}.kind: ${show(kind)} is not one of ${stepKinds.join(', ')}`];

  const fields = { ...known, ...lengths };
  const problems = Object.entries(rest).flatMap(([name, value]) => {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field !== undefined) return checkField(field, value, `${place}.${name}`);
    return [`${place}.${name}: ${String(kind)} has no such field (it has ${Object.keys(fields).join(', ')})`];
  });
  const needed = neededFields[String(kind)]?.name;
  if (needed !== undefined && !(needed in rest)) problems.push(`${place}.${needed}: is missing`);
  if (kind === 'refuse' && 'chance' in rest) problems.push(`${place}.chance: ${refuseByChance}`);
  if ('times' in rest && 'forMs' in rest) problems.push(`${place}: has both times and forMs`);
  return problems;
}

/** Whether no step after this one is ever reached. */
export function lastsForEver(step: unknown): boolean {
  return (
    typeof step === 'object' && step !== null && !['times', 'forMs', 'chance'].some((name) => name in step)
  );
}
