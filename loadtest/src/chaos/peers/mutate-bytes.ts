import type { Chance } from '../chance.ts';
import { MARKER } from '../marker.ts';

const PIECES = [
  '\r',
  '\n',
  '\0',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '0',
  '1',
  '-',
  '\x80',
  '\xff',
  '\r\n',
  '\r\n\r\n',
  'chunked',
  'close',
  'HTTP/1.0',
  '%00',
];
const MAX_SPAN = 60;

type Mutation = (text: string, at: number, chance: Chance) => string;

const mutations: readonly Mutation[] = [
  (text, at, chance) => text.slice(0, at) + String.fromCharCode(chance.between(0, 255)) + text.slice(at + 1),
  (text, at, chance) =>
    text.slice(0, at) +
    String.fromCharCode(text.charCodeAt(at) ^ (1 << chance.between(0, 7))) +
    text.slice(at + 1),
  (text, at, chance) => text.slice(0, at) + chance.pick(PIECES) + text.slice(at),
  (text, at, chance) => text.slice(0, at) + text.slice(spanEnd(text, at, chance)),
  (text, at, chance) => text.slice(0, at) + text.slice(at, spanEnd(text, at, chance)) + text.slice(at),
  (text, at, chance) => {
    const from = placeIn(text, chance);
    return text.slice(0, at) + text.slice(from, spanEnd(text, from, chance)) + text.slice(at);
  },
  // Numbers are mostly lengths.
  (text, at, chance) =>
    text.slice(0, at) + text.slice(at).replace(/: \d+\r/, () => `: ${chance.pick([0, 1, 7, 100, 5000])}\r`),
  (text, at) => text.slice(0, at) + text.slice(at).replace('\r\n', '\n'),
];

/** Changes some bytes, but no marker. */
export function mutateBytes(bytes: Buffer, chance: Chance): Buffer {
  let text = bytes.toString('latin1');
  for (let left = chance.between(1, 4); left > 0 && text.length > 0; left--)
    text = chance.pick(mutations)(text, placeIn(text, chance), chance);
  return Buffer.from(text, 'latin1');
}

/** A place that is not within a marker. */
function placeIn(text: string, chance: Chance): number {
  let at = chance.between(0, Math.max(0, text.length - 1));
  // One marker may be right behind another.
  for (const { start, end } of markersOf(text)) if (at >= start && at < end) at = end;
  return at;
}

/** The end of a span from a place on, without a marker in it. */
function spanEnd(text: string, at: number, chance: Chance): number {
  const end = Math.min(text.length, at + chance.between(1, MAX_SPAN));
  const marker = markersOf(text).find(({ start, end: markerEnd }) => start < end && markerEnd > at);
  return marker === undefined ? end : Math.max(at, marker.start);
}

function markersOf(text: string): { start: number; end: number }[] {
  return [...text.matchAll(MARKER)].map(({ index, 0: marker }) => ({
    start: index,
    end: index + marker.length,
  }));
}
