import { missing } from '../../calls/object-kind.ts';
import type { ObjectKind } from '../../calls/object-kind.ts';

/** Responses that were stored. */
export const responseKind: ObjectKind = {
  path: 'responses',
  missing: (id) => missing(`Response with id '${id}' not found.`),
};

/** What responses have said, for later ones that refer to it by its id. */
export const outputItemKind: ObjectKind = {
  path: 'output_items',
  missing: (id) => missing(`Item with id '${id}' not found.`, 'input'),
};
