import * as fc from 'fast-check';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import { DEEDS, type Deed } from './start-noting-backend.ts';

/** The tags that each client requires; `spent` has hardly any budget for gpt-4o. */
const REQUIRED = { eu: ['eu'], spent: ['eu'], finance: ['eu', 'finance'], us: ['us'] };
export type ClientName = keyof typeof REQUIRED;
const CLIENTS = Object.keys(REQUIRED) as ClientName[];
export const KEYS = Object.fromEntries(CLIENTS.map((name) => [name, makeKey()])) as Record<
  ClientName,
  string
>;

/** Names that backends have in turns, and that of the one without tags. */
const LETTERS = ['a', 'b', 'c', 'd', 'e', 'f'];
const UNTAGGED = 'g';
export const BACKENDS = [...LETTERS, UNTAGGED];
const EACH = { minLength: LETTERS.length, maxLength: LETTERS.length };

/** Everything but the backends. */
const SHARED: Partial<ConfigInput> = {
  clients: CLIENTS.map((name) => ({
    name,
    keys: [{ sha256: sha256(KEYS[name]) }],
    allow: REQUIRED[name],
    allObjects: name === 'eu' || name === 'finance',
    ...(name === 'spent' && { budgets: [{ deployments: ['gpt-4o'], rpm: 5 }] }),
  })),
  fallbacks: [{ deployment: 'gpt-4o', whenSpent: 'gpt-4o-mini', whenTooLong: 'gpt-4.1' }],
  allowBackendPin: true,
  cooldown: { defaultMs: 1, floorMs: 1 },
  timeouts: { attemptMs: 100, overallMs: 600, minAttemptMs: 0 },
  hedge: { afterMs: 5 },
  waitingRoom: { maxWaitMs: 60_000 },
  limits: { replayBytes: 1000 },
};

/** The place of a backend in a configuration, or none. */
const place = fc.option(
  fc.record({
    tags: fc.constantFrom<string[]>(['eu'], ['eu', 'finance'], ['us'], ['us', 'finance'], []),
    priority: fc.integer({ min: 1, max: 2 }),
    maxInFlight: fc.constantFrom(2, 1000, 1000),
  }),
  { freq: 5, nil: undefined },
);

/** The places of backends in a configuration, and their names. */
const layout = fc.record({
  places: fc.array(place, EACH),
  names: fc.shuffledSubarray(LETTERS, { minLength: LETTERS.length }),
});

type DrawnBy<A> = A extends fc.Arbitrary<infer T> ? T : never;
export type Layout = DrawnBy<typeof layout>;

/** The layout without any backend that has tags. */
export const EMPTY: Layout = { places: [], names: LETTERS };

/** Returns the configuration with those drawn, and with one without tags, as there must be one. */
export function configOf({ places, names }: Layout, urls: readonly string[]): Partial<ConfigInput> {
  const drawn = places.flatMap((one, at) =>
    one === undefined ? [] : [{ name: names[at]!, url: urls[at]!, apiKey: 'key', ...one }],
  );
  const untagged = { name: UNTAGGED, url: urls[LETTERS.length]!, apiKey: 'key', priority: 3 };
  return { ...SHARED, backends: [...drawn, untagged] };
}

/** Returns whether a client may use the backend at this place. */
export function isAllowed(client: string, at: number, { places }: Layout): boolean {
  const required: readonly string[] | undefined = REQUIRED[client as ClientName];
  return required?.every((tag) => places[at]?.tags.includes(tag)) === true;
}

const asked = fc.record({
  who: fc.constantFrom(...CLIENTS),
  /** Whose objects and ephemeral keys it names. */
  of: fc.constantFrom(...CLIENTS),
  nth: fc.nat(),
  kind: fc.nat(),
  hasSessionKey: fc.boolean(),
  pin: fc.constantFrom(...Array<undefined>(20).fill(undefined), ...BACKENDS),
});
export type Asked = DrawnBy<typeof asked>;

const SERVE: readonly Deed[] = ['serve', 'serve', 'serve', 'serve', 'serve', 'full'];
const deeds = fc.array(fc.constantFrom(...DEEDS.filter((deed) => deed !== 'spent'), ...SERVE), {
  minLength: 1,
  maxLength: 5,
});

/** Requests before and after a change of the configuration, and what backends do meanwhile. */
export const rounds = (requests: number) => {
  const half = { minLength: requests / 2, maxLength: requests / 2 };
  return fc.record({
    layout,
    deeds: fc.array(deeds, EACH),
    /** Whether the quota of all is spent until the change, so that requests wait for it. */
    isSpent: fc.constantFrom(false, false, true),
    /** How many places on the next one is to which a backend redirects. */
    redirectsBy: fc.integer({ min: 1, max: LETTERS.length - 1 }),
    before: fc.array(asked, half),
    after: fc.array(asked, half),
  });
};
export type Round = DrawnBy<ReturnType<typeof rounds>>;
