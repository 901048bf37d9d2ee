import { text } from '../fields/field.ts';
import { checkCut } from './check-quotas.ts';
import { cutFields } from './quota-fields.ts';
import type { QuotaCut } from './quota-cuts.ts';

/** A cut and its deployment; without one, or with `*`, it is for all of them. */
export type CutRequest = QuotaCut & { readonly deployment?: string | undefined };

/** A cut, or all its problems. */
export type CutResult =
  | { readonly kind: 'cut'; readonly cut: CutRequest }
  | { readonly kind: 'wrong'; readonly problems: readonly string[] };

const fields = { deployment: text, ...cutFields };

/** Reads a cut: an object, or JSON of it such as `{"factor":0.5,"forMs":60000}`. */
export function readCut(input: unknown): CutResult {
  let value = input;
  try {
    if (typeof input === 'string') value = JSON.parse(input);
  } catch (error) {
    return {
      kind: 'wrong',
      problems: [`not JSON: ${error instanceof Error ? error.message : String(error)}`],
    };
  }
  const problems = checkCut(value, 'cut', fields);
  return problems.length === 0 ? { kind: 'cut', cut: value as CutRequest } : { kind: 'wrong', problems };
}

/** Reads a cut, or throws an Error that names every problem. */
export function parseCut(input: CutRequest): CutRequest {
  const result = readCut(input);
  if (result.kind === 'cut') return result.cut;
  throw new Error(`The cut is wrong:\n${result.problems.map((problem) => `  ${problem}`).join('\n')}`);
}
