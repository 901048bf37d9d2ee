import { GatewayError } from '../errors.ts';
import { isStateful } from './operations.ts';
import { bodyOf, ITEM_ID, type Place } from './reference-places.ts';
import type { Reference } from './stored-objects.ts';

/** Deeper values have no ids. */
const MAX_DEPTH = 20;

/**
 * Returns every stored object that a JSON body refers to, however the body spells it: as whoever parses it whole will read
 * it. `RequestContent` looks at the bytes only, and at no more ids than tell where a request belongs.
 *
 * @throws GatewayError `bad-request` for a body that cannot be parsed, as nobody knows what a backend would find in it
 */
export function allReferences(operation: string, body: Buffer): Reference[] {
  return collect(parse(body), bodyOf(operation), 0);
}

/**
 * Returns whether a body may refer to stored objects, which is seen without parsing it: chats and images are about none, but
 * may show a file.
 */
export function mayRefer(operation: string, body: Buffer): boolean {
  return isStateful(operation) || body.includes('file_id') || body.includes('\\u00');
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString().replace(/^\u{feff}/u, ''));
  } catch {
    throw new GatewayError('bad-request', 'The body is not valid JSON.');
  }
}

function collect(value: unknown, place: Place, depth: number): Reference[] {
  const { below, belowAny, collection } = place;
  if (typeof value === 'string')
    return collection !== undefined || place === ITEM_ID ? [{ id: value, collection }] : [];
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return [];
  if (Array.isArray(value)) return value.flatMap((one) => collect(one, place, depth + 1));
  if (below === undefined && belowAny === undefined) return [];
  return Object.entries(value).flatMap(([key, one]) => {
    const found = below === undefined ? belowAny : ofKey(below, key);
    return found === undefined ? [] : collect(one, found, depth + 1);
  });
}

/** Some readers take a key in capitals for the same. */
function ofKey(below: Readonly<Record<string, Place>>, key: string): Place | undefined {
  const name = Object.hasOwn(below, key) ? key : key.toLowerCase();
  return Object.hasOwn(below, name) ? below[name] : undefined;
}
