import { hashText } from './chance.ts';

/** Matches every marker in a text. */
export const MARKER = /m\d+x\d+k[0-9a-z]{7}/g;

/**
 * Makes the marker of a request, which it carries in its target and in `x-chaos-id`. It includes a hash, so that no
 * mutation turns one marker into another.
 */
export function makeMarker(caseIndex: number, request: number): string {
  const name = `m${caseIndex}x${request}`;
  return `${name}k${hashText(name).toString(36).padStart(7, '0')}`;
}

/** Returns the number of the case that a marker belongs to. */
export function caseOf(marker: string): number {
  return Number(marker.slice(1, marker.indexOf('x')));
}

/** Returns the markers in a text, in their order. */
export function findMarkers(text: string): string[] {
  return text.match(MARKER) ?? [];
}
