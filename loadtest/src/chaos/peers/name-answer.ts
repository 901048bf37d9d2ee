import { hashText } from '../chance.ts';

let count = 0;

/** Makes a unique name for an answer. It includes a hash, so that no mutation turns one name into another. */
export function nameAnswer(backend: string): string {
  count += 1;
  const name = `${backend}.${count}`;
  return `${name}.${hashText(name).toString(36).padStart(7, '0')}`;
}
