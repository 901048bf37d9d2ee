import { Chance } from '../../chance.ts';
import { makeMarker } from '../../marker.ts';
import { chatLine, head, octets } from '../../peers/piece.ts';

/** How a client is slow. */
const clientKinds = {
  /** A byte at a time, which is too slow for some. */
  drip: 4,
  stopInHead: 2,
  stopInBody: 2,
  /** Sends all but the last byte, which follows much later or never. */
  holdBack: 2,
  /** Asks for megabytes, and reads none. */
  neverRead: 1,
  /** Reads them little by little. */
  readSlowly: 1,
  /** Stops in the middle of a body that is too long to be kept. */
  stopInUpload: 2,
  /** Is not slow itself. */
  quick: 4,
  /** Connects and says nothing. */
  silent: 1,
} as const;

/** How a backend is slow; the marker of the request says it. */
const backendKinds = { quick: 5, lateHead: 2, dripHead: 1, dripBody: 2, stopInBody: 1, silent: 1 } as const;

/** The name of a kind of client. */
type ClientKind = keyof typeof clientKinds;
/** The name of a kind of backend. */
export type BackendKind = keyof typeof backendKinds;

/** A client's behaviour. */
export interface PeerPlan {
  readonly kind: ClientKind;
  readonly marker: string;
  readonly bytes: Buffer;
  /** How many of them go out at once. */
  readonly atOnce: number;
  /** The pause before each of the other bytes; none of them goes out if there is no pause. */
  readonly pauseMs: number | undefined;
}

/** A longer body is not kept. */
export const REPLAY_BYTES = 65_536;
/** A request for an answer larger than the system's buffers. */
export const LARGE = '"large":true';

/** Draws a client's behaviour. */
export function planPeer(seed: number, index: number): PeerPlan {
  const chance = new Chance(seed, 'slow', index);
  const kind = chance.weigh(clientKinds);
  const marker = makeMarker(index, 0);
  const isLarge = kind === 'neverRead' || kind === 'readSlowly';
  const padding = 'p'.repeat(kind === 'stopInUpload' ? 4 * REPLAY_BYTES : chance.between(0, 40));
  const stream = chance.is(0.3) && !isLarge ? '"stream":true,' : '';
  const body = `{${stream}${isLarge ? `${LARGE},` : ''}"model":"gpt-4o","messages":[],"user":"${marker}","pad":"${padding}"}`;
  const isChunked = chance.is(0.4);
  const framed = isChunked ? `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body;
  const text = head(
    chatLine(marker),
    marker,
    isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`,
  );
  const bytes = octets(text, framed);
  return { kind, marker, bytes, ...paceOf(kind, text.length, bytes.length, chance) };
}

function paceOf(
  kind: ClientKind,
  headBytes: number,
  allBytes: number,
  chance: Chance,
): Pick<PeerPlan, 'atOnce' | 'pauseMs'> {
  switch (kind) {
    case 'silent':
      return { atOnce: 0, pauseMs: undefined };
    case 'drip':
      return { atOnce: chance.pick([0, 0, headBytes]), pauseMs: chance.pick([1, 2, 5, 20]) };
    case 'stopInHead':
      return { atOnce: chance.between(1, headBytes - 1), pauseMs: undefined };
    case 'stopInBody':
      return { atOnce: chance.between(headBytes, allBytes - 1), pauseMs: undefined };
    case 'stopInUpload':
      return { atOnce: chance.between(headBytes + REPLAY_BYTES + 10, allBytes - 1), pauseMs: undefined };
    case 'holdBack':
      return { atOnce: allBytes - 1, pauseMs: chance.is(0.5) ? chance.between(500, 3000) : undefined };
    default:
      return { atOnce: allBytes, pauseMs: undefined };
  }
}

/** Draws how a backend is slow. */
export function planBackend(
  seed: number,
  marker: string,
  backend: string,
  attempt: number,
): { kind: BackendKind; chance: Chance } {
  const chance = new Chance(seed, 'slow', marker, backend, attempt);
  return { kind: chance.weigh(backendKinds), chance };
}

/** Describes a client's behaviour. */
export function describePeer(seed: number, index: number): string {
  const { kind, bytes, atOnce, pauseMs } = planPeer(seed, index);
  return `${kind}: ${atOnce} of ${bytes.length} bytes at once, the others after ${pauseMs ?? 'endless'} ms each: ${JSON.stringify(bytes.toString('latin1'))}`;
}
