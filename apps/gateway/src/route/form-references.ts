import { parseJson } from '../body/parse-json.ts';
import { collectReferences, placeBelow } from './all-references.ts';
import { formValues } from './form-values.ts';
import { MAX_REFERENCES } from './reference-cursor.ts';
import { bodyOf, type Place } from './reference-places.ts';
import { isObjectId, type Reference } from './stored-objects.ts';

/** Forms that bring files of any length, and refer to nothing. */
const BRING_FILES = /^(?:files|uploads)(?:\/|$)/;

/**
 * Returns the stored objects that the fields of a form refer to. A field's name has the keys that lead to it in JSON,
 * such as `video[id]`, and its value may be JSON itself.
 */
export function formReferences(operation: string, form: Buffer, contentType: string): Reference[] {
  if (BRING_FILES.test(operation)) return [];
  const root = bodyOf(operation);
  const found = formValues(form, contentType).flatMap(({ name, value }) => {
    const place = placeOf(name, root);
    return place === undefined
      ? []
      : collectReferences(/^[[{]/.test(value) ? parseJson(value) : value, place);
  });
  return found.filter(({ id }) => isObjectId(id)).slice(0, MAX_REFERENCES);
}

/** Numbers, and nothing, stand for the positions of lists. */
function placeOf(name: string, root: Place): Place | undefined {
  const keys = name.split(/[[\]]+/).filter((key) => !/^\d*$/.test(key));
  return keys.reduce<Place | undefined>((place, key) => place && placeBelow(place, key), root);
}
