import { checkField, show } from '../fields/field.ts';
import { presets } from './presets.ts';
import { cutFields, quotaFieldsOf, quotaKinds } from './quota-fields.ts';
import type { Field } from '../fields/field.ts';
import type { Family } from './presets.ts';
import type { Quotas } from './quota.ts';

/** Quotas, or all their problems. */
export type QuotasResult =
  | { readonly kind: 'quotas'; readonly quotas: Quotas }
  | { readonly kind: 'wrong'; readonly problems: readonly string[] };

/** Checks quotas that came as JSON; every problem names its place, such as `["gpt-4o"].tpm`. */
export function checkQuotas(value: unknown): QuotasResult {
  if (!isObject(value))
    return { kind: 'wrong', problems: [`${show(value)} is not an object of quotas by deployment`] };
  const problems = Object.entries(value).flatMap(([name, quota]) => checkQuota(quota, `[${show(name)}]`));
  return problems.length === 0 ? { kind: 'quotas', quotas: value as Quotas } : { kind: 'wrong', problems };
}

/** Checks a cut that came as JSON; every problem names its place. */
export function checkCut(
  value: unknown,
  place: string,
  fields: Readonly<Record<string, Field>> = cutFields,
): string[] {
  if (!isObject(value)) return [`${place}: ${show(value)} is not a cut such as {"factor":0.5,"forMs":60000}`];
  const problems = checkFields(value, fields, place, 'a cut');
  for (const name of ['factor', 'forMs'])
    if (value[name] === undefined) problems.push(`${place}.${name}: is missing`);
  return problems;
}

function checkQuota(quota: unknown, place: string): string[] {
  if (!isObject(quota)) return [`${place}: ${show(quota)} is not a quota`];
  const { kind, cuts, ...rest } = quota;
  const fields = quotaFieldsOf(kind);
  if (fields === undefined) return [`${place}.kind: ${show(kind)} is not one of ${quotaKinds.join(', ')}`];
  const problems = checkFields(rest, fields, place, String(kind));
  if (kind === 'ptu') {
    if (cuts !== undefined) problems.push(`${place}.cuts: only a standard quota is cut`);
    if (rest['units'] === undefined) problems.push(`${place}.units: is missing`);
    return problems;
  }
  if (!limitsSomething(rest))
    problems.push(`${place}: limits nothing: it needs tpm, rpm or a family that has an rpm`);
  if (cuts === undefined) return problems;
  if (!Array.isArray(cuts)) return [...problems, `${place}.cuts: ${show(cuts)} is not a list of cuts`];
  return [...problems, ...cuts.flatMap((cut, index) => checkCut(cut, `${place}.cuts[${index}]`))];
}

function checkFields(
  values: Readonly<Record<string, unknown>>,
  fields: Readonly<Record<string, Field>>,
  place: string,
  owner: string,
): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field !== undefined) return checkField(field, value, `${place}.${name}`);
    return [`${place}.${name}: ${owner} has no such field (it has ${Object.keys(fields).join(', ')})`];
  });
}

function limitsSomething({ tpm, rpm, family }: Readonly<Record<string, unknown>>): boolean {
  if (tpm !== undefined || (rpm !== undefined && rpm !== false)) return true;
  const isFamily = typeof family === 'string' && Object.hasOwn(presets, family);
  return rpm === undefined && isFamily && 'rpm' in presets[family as Family];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
