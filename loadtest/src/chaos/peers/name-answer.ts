import { hashText } from '../chance.ts';

let count = 0;

/** Makes a name for an answer that no other has. A hash is part of it, so that no mutation turns one into another. */
export function nameAnswer(backend: string): string {
  count += 1;
  const name = `${backend}.${count}`;
  return `${name}.${hashText(name).toString(36).padStart(7, '0')}`;
}
