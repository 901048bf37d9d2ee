import { placeOf, splitText, unquote } from '../fields/split-text.ts';
import { checkQuotas } from './check-quotas.ts';
import { quotaFieldsOf, quotaKinds, wordOf } from './quota-fields.ts';
import type { TextPart } from '../fields/split-text.ts';
import type { QuotasResult } from './check-quotas.ts';
import type { Quotas } from './quota.ts';

/** Reports a problem at an offset of the text. */
type Report = (offset: number, problem: string) => void;

/** Reads quotas: an object of them by deployment, JSON of it, or text such as `gpt-4o=standard(tpm=30000), *=ptu(units=15)`. */
export function readQuotas(input: unknown): QuotasResult {
  if (typeof input !== 'string') return checkQuotas(input);
  return /^\s*[[{]/.test(input) ? readJson(input) : readText(input);
}

/** Reads quotas, or throws an Error that names every problem with its place. */
export function parseQuotas(input: Quotas | string): Quotas {
  const result = readQuotas(input);
  if (result.kind === 'quotas') return result.quotas;
  throw new Error(`The quota is wrong:\n${result.problems.map((problem) => `  ${problem}`).join('\n')}`);
}

function readJson(input: string): QuotasResult {
  try {
    return checkQuotas(JSON.parse(input));
  } catch (error) {
    const problem = `not JSON: ${error instanceof Error ? error.message : String(error)}`;
    return { kind: 'wrong', problems: [problem] };
  }
}

function readText(input: string): QuotasResult {
  const problems: string[] = [];
  const report: Report = (offset, problem) => problems.push(`${placeOf(input, offset)}: ${problem}`);
  const quotas = new Map<string, unknown>();
  for (const part of splitText(input, ',\n')) {
    if (part.problem !== undefined) report(part.offset, part.problem);
    else if (part.text !== '') readQuota(part, quotas, report);
    else if (part.separator === ',') report(part.offset, 'a quota is missing before the comma');
  }
  return problems.length === 0 ? checkQuotas(Object.fromEntries(quotas)) : { kind: 'wrong', problems };
}

function readQuota(part: TextPart, quotas: Map<string, unknown>, report: Report): void {
  const match = /^(?:([^\s=()]+)\s*=\s*)?([\w-]+)\s*\((.*)\)$/s.exec(part.text);
  if (match === null) {
    report(part.offset, `"${part.text}" is not a quota such as "gpt-4o=standard(tpm=30000)"`);
    return;
  }
  const [, deployment = '*', kind = '', list = ''] = match;
  if (quotaFieldsOf(kind) === undefined) {
    report(
      part.offset + part.text.indexOf(`${kind}`, match[1]?.length ?? 0),
      `"${kind}" is not one of ${quotaKinds.join(', ')}`,
    );
    return;
  }
  if (quotas.has(deployment)) report(part.offset, `"${deployment}" is said twice`);
  const quota: Record<string, unknown> = { kind };
  const listOffset = part.offset + part.text.indexOf('(') + 1;
  for (const item of list.trim() === '' ? [] : splitText(list, ',')) {
    readArgument({ ...item, offset: listOffset + item.offset }, quota, report);
  }
  quotas.set(deployment, quota);
}

function readArgument(item: TextPart, quota: Record<string, unknown>, report: Report): void {
  const fields = quotaFieldsOf(quota['kind']) ?? {};
  const words = new Map(Object.keys(fields).map((name) => [wordOf(name), name]));
  const [, word = '', raw = ''] = /^([\w-]+)\s*=\s*(.*)$/s.exec(item.text) ?? [];
  const name = words.get(word);
  const field = name === undefined ? undefined : fields[name];
  if (name === undefined || field === undefined) {
    const problem = `"${word === '' ? item.text : word}" is not an argument of ${String(quota['kind'])}`;
    report(item.offset, `${problem} (it has ${[...words.keys()].join(', ')})`);
    return;
  }
  if (name in quota) report(item.offset, `"${word}" is said twice`);
  const value = unquote(raw);
  quota[name] = field.read(value);
  if (!field.isValid(quota[name])) report(item.offset, `"${value}" is not ${field.allowed}`);
}
