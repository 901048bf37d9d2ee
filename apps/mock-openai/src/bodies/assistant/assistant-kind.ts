import { missing } from '../../stored/object-kind.ts';
import type { ObjectKind } from '../../stored/object-kind.ts';

/** Assistants. */
export const assistantKind: ObjectKind = {
  path: 'assistants',
  missing: (id) => missing(`No assistant found with id '${id}'.`),
};
