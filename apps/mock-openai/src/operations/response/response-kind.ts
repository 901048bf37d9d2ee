import { missing } from '../../calls/object-kind.ts';
import type { ObjectKind } from '../../calls/object-kind.ts';

/** Responses that were stored. */
export const responseKind: ObjectKind = {
  path: 'responses',
  missing: (id) => missing(`Response with id '${id}' not found.`),
};

/** The output items of responses, for later calls that refer to one by its id. */
export const outputItemKind: ObjectKind = {
  path: 'output_items',
  missing: (id) => missing(`Item with id '${id}' not found.`, 'input'),
};
