import { expect, test } from 'vitest';
import { Chance } from '../chance.ts';
import { findMarkers, makeMarker } from '../marker.ts';
import { mutateBytes } from './mutate-bytes.ts';

const markers = [makeMarker(1, 0), makeMarker(1, 1)];
const text = `GET /${markers[0]} HTTP/1.1\r\nContent-Length: 5\r\n\r\nGET /${markers[1]} HTTP/1.1\r\n\r\n`;

test('mutated bytes are others, the same for the same seed, and all of their markers are whole', () => {
  let changed = 0;
  for (let seed = 0; seed < 2000; seed++) {
    const mutated = mutateBytes(Buffer.from(text), new Chance(seed)).toString('latin1');
    expect(mutateBytes(Buffer.from(text), new Chance(seed)).toString('latin1')).toBe(mutated);
    if (mutated !== text) changed += 1;
    const left = findMarkers(mutated);
    expect(markers.every((marker) => left.includes(marker))).toBe(true);
    expect(left.every((marker) => markers.includes(marker))).toBe(true);
  }
  expect(changed).toBeGreaterThan(1900);
});
