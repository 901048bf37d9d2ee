import { type Member, type ObjectMembers, readMembers } from './read-members.ts';

const SPACE = 0x20;
const COMMA = 0x2c;
const CLOSE_BRACKET = 0x5d;

/**
 * Reads the wanted members of each object in a list, one after another. The first item that is no object, or broken, is
 * undefined, and the last.
 */
export function* readItems(
  body: Buffer,
  { range }: Member,
  wanted: ReadonlySet<string>,
): Generator<ObjectMembers | undefined, void> {
  for (let at = range.start + 1; ;) {
    while ((body[at] ?? SPACE + 1) <= SPACE || body[at] === COMMA) at++;
    if (body[at] === CLOSE_BRACKET) return;
    const item = readMembers(body, wanted, at);
    yield item;
    if (item === undefined) return;
    at = item.end + 1;
  }
}
