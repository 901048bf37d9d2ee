import { missing } from '../../calls/object-kind.ts';
import type { ObjectKind } from '../../calls/object-kind.ts';

/** Assistants. */
export const assistantKind: ObjectKind = {
  path: 'assistants',
  missing: (id) => missing(`No assistant found with id '${id}'.`),
};
