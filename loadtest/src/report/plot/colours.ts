/** The palette of Okabe and Ito, whose colours people with any kind of colour blindness tell apart. */
const okabeIto = {
  black: '#000000',
  orange: '#E69F00',
  skyBlue: '#56B4E9',
  green: '#009E73',
  yellow: '#F0E442',
  blue: '#0072B2',
  vermilion: '#D55E00',
  purple: '#CC79A7',
} as const;

/** Things with a colour of their own, which is the same wherever they are plotted. */
export const colours = {
  served: okabeIto.green,
  throttled: okabeIto.orange,
  failed: okabeIto.vermilion,
  p50: okabeIto.skyBlue,
  p90: okabeIto.blue,
  p99: okabeIto.purple,
  attempts: okabeIto.black,
  spillway: okabeIto.blue,
  'waiting-room': okabeIto.skyBlue,
  'apim-sample': okabeIto.purple,
  'round-robin': okabeIto.black,
} as const satisfies Readonly<Record<string, string>>;

/** Returns the colour of a thing by its name; black if it has none of its own. */
export function colourOf(name: string): string {
  return name in colours ? colours[name as keyof typeof colours] : okabeIto.black;
}
