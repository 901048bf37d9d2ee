/** Colours of backends, the same everywhere: Okabe and Ito's, which colour-blind people can tell apart. */
const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#8c7b00', '#7a7a7a'];

/** If there are more backends than colours, the others get a different line style. */
export function isSecond(place: number): boolean {
  return place >= COLOURS.length;
}

export function seriesClass(place: number): string {
  return `series-${place % COLOURS.length}${isSecond(place) ? ' is-second' : ''}`;
}

/** For the backends shown as one. */
export const otherClass = 'series-7';

export function seriesColour(place: number | undefined): string {
  if (place === undefined) return '#7a7a7a';

  return COLOURS[place % COLOURS.length] ?? '#7a7a7a';
}
