import { numberOf, type ObjectMembers } from '../body/read-members.ts';
import { countPrompts } from '../prompt/count-prompts.ts';

/** The members of a body that determine the number of its answers. */
export const CHOICES: readonly string[] = ['n', 'best_of', 'prompt'];

/**
 * Returns the number of answers that a request asks for. All of them are charged, including those of `best_of` that are
 * not sent.
 *
 * @param members which include those of `CHOICES`
 */
export function choicesOf(body: Buffer, { byKey }: ObjectMembers, operation: string): number {
  if (!operation.endsWith('completions')) return 1;
  const numbers = ['n', 'best_of'].map((key) => numberOf(body, byKey.get(key)) ?? 1);
  const prompt = operation === 'completions' ? byKey.get('prompt') : undefined;
  const prompts = prompt === undefined ? 1 : countPrompts(body, prompt.range.start);
  return prompts * Math.max(1, ...numbers.filter((number) => !Number.isNaN(number)));
}
