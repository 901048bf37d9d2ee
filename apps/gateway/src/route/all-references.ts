import { parseWithTwins } from '../body/parse-with-twins.ts';
import { GatewayError } from '../errors.ts';
import { bodyOf, isKnownBody, ITEM_ID, type Place } from './reference-places.ts';
import { isObjectId, LONGEST_ID, type Reference } from './stored-objects.ts';

/** Values below this depth have no ids. */
const MAX_DEPTH = 20;
/** In bytes, with every character of an id escaped. */
const LONGEST_WRITTEN = 6 * LONGEST_ID;

/**
 * Returns every stored object that a JSON body refers to, however it is spelt: as a full parser reads it, whichever of
 * two duplicate keys that takes. `RequestContent` only scans the bytes, and collects no more ids than routing needs.
 *
 * @throws GatewayError `bad-request` for a body that cannot be parsed, as a backend might find anything in it;
 *   `body-too-large` for one with too many values
 */
export function allReferences(operation: string, body: Buffer): Reference[] {
  const value = parse(body);
  const found = collectReferences(value, bodyOf(operation));
  // Where an unknown operation has its ids is unclear, so any text that is a known id counts.
  if (isKnownBody(operation)) return found;
  const ids = new Set(found.map(({ id }) => id));
  const others = stringsIn(value, 0).filter((text) => isObjectId(text) && !ids.has(text));
  return [...found, ...others.map((id) => ({ id, collection: undefined }))];
}

/** Returns every text in a JSON value; none if it is invalid. */
export function allStrings(json: string): string[] {
  try {
    return stringsIn(JSON.parse(json), 0);
  } catch {
    return [];
  }
}

function stringsIn(value: unknown, depth: number): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return [];
  return Object.values(value).flatMap((one) => stringsIn(one, depth + 1));
}

function parse(body: Buffer): unknown {
  try {
    return parseWithTwins(body, LONGEST_WRITTEN);
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    throw new GatewayError('bad-request', 'The body is not valid JSON.');
  }
}

/** Returns the ids in a JSON value at a place of a body. */
export function collectReferences(value: unknown, place: Place, depth = 0): Reference[] {
  const { collection } = place;
  if (typeof value === 'string')
    return collection !== undefined || place === ITEM_ID ? [{ id: value, collection }] : [];
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return [];
  if (Array.isArray(value)) return value.flatMap((one) => collectReferences(one, place, depth + 1));
  if (place.below === undefined && place.belowAny === undefined) return [];
  return Object.entries(value).flatMap(([key, one]) => {
    const found = placeBelow(place, key);
    return found === undefined ? [] : collectReferences(one, found, depth + 1);
  });
}

/** Returns the place below a key, in any case: some readers ignore it. */
export function placeBelow({ below, belowAny }: Place, key: string): Place | undefined {
  if (below === undefined) return belowAny;
  const name = Object.hasOwn(below, key) ? key : key.toLowerCase();
  return Object.hasOwn(below, name) ? below[name] : undefined;
}
