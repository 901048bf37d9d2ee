import { type Member, numberOf } from '../body/read-members.ts';

/**
 * Returns whether a limit of a request is certainly at most `most`. Servers differ in how they read one that is no
 * number, or negative: some take "5" for 5, and -1 for no limit.
 */
export function isWithin(body: Buffer, member: Member, most: number): boolean {
  const limit = numberOf(body, member);
  return limit !== undefined && limit >= 0 && limit <= most;
}
