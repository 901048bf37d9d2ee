/** The palette of Okabe and Ito, whose colours people with any kind of colour blindness tell apart. */
export const palette = {
  orange: '#E69F00',
  skyBlue: '#56B4E9',
  green: '#009E73',
  yellow: '#F0E442',
  blue: '#0072B2',
  vermilion: '#D55E00',
  purple: '#CC79A7',
  grey: '#7A7A7A',
} as const;

type Colour = (typeof palette)[keyof typeof palette];

/** The colours of series by their names, the same in every panel. */
export type Colours = Readonly<Record<string, Colour>>;

export const percentileColours: Colours = {
  p50: palette.skyBlue,
  p95: palette.blue,
  p99: palette.purple,
};

export const statusColours: Colours = {
  '2xx': palette.green,
  '3xx': palette.skyBlue,
  '4xx': palette.blue,
  '429': palette.orange,
  '499': palette.grey,
  '5xx': palette.vermilion,
};

export const outcomeColours: Colours = {
  succeeded: palette.green,
  throttled: palette.orange,
  unavailable: palette.vermilion,
  unreachable: palette.purple,
  rejected: palette.blue,
  declined: palette.yellow,
  'not-found': palette.skyBlue,
  aborted: palette.grey,
};

export const causeColours: Colours = {
  throttled: palette.orange,
  full: palette.yellow,
  utilization: palette.skyBlue,
  failing: palette.vermilion,
  slow: palette.purple,
  declined: palette.blue,
  draining: palette.grey,
};

export const tokenColours: Colours = {
  prompt: palette.blue,
  completion: palette.orange,
  cached: palette.skyBlue,
  reasoning: palette.vermilion,
};

/** The states of a backend and of a deployment, from the best to the worst. */
export const stateColours = {
  available: palette.green,
  draining: palette.grey,
  probing: palette.skyBlue,
  full: palette.yellow,
  throttled: palette.orange,
  cooling: palette.vermilion,
} as const satisfies Colours;
