import { Chance } from '../../chance.ts';
import { makeMarker } from '../../marker.ts';
import { mutateBytes } from '../../peers/mutate-bytes.ts';
import type { Piece, PieceMaker } from '../../peers/piece.ts';
import { brokenPieces } from './broken-pieces.ts';
import { upgradePieces } from './upgrade-pieces.ts';
import { lastPieces, wholePieces } from './whole-pieces.ts';

/** A piece on its connection. */
interface PlannedPiece extends Piece {
  readonly kind: string;
  readonly marker: string;
}

/** A client's behaviour on one connection. */
export interface ConnectionPlan {
  readonly pieces: readonly PlannedPiece[];
  /** Whether bytes were changed, so that nobody knows where requests begin and end. */
  readonly isMutated: boolean;
  readonly fragments: readonly Buffer[];
  /** The pause before each fragment. */
  readonly pausesMs: readonly number[];
  readonly leaving: 'fin' | 'reset' | 'half-close' | 'read';
  /** How many fragments are written before it leaves. */
  readonly written: number;
  /** How long it then waits. */
  readonly lingerMs: number;
}

const MAX_PIECES = 20;
const MAX_FRAGMENTS = 8;
/** Pieces that stay requests, as far as anyone can say, when some of their bytes change. */
const plainKinds = [
  'chat',
  'chunkedChat',
  'v1Chat',
  'operator',
  'expecting',
  'http10',
  'h2c',
  'h2cWithBody',
] as const;
const groups = { whole: wholePieces, last: lastPieces, upgrade: upgradePieces, broken: brokenPieces };
const allPieces: Readonly<Record<string, PieceMaker>> = {
  ...wholePieces,
  ...lastPieces,
  ...upgradePieces,
  ...brokenPieces,
};

/** Draws a client's behaviour. */
export function planConnection(seed: number, index: number): ConnectionPlan {
  const chance = new Chance(seed, 'requests', index);
  const isMutated = chance.is(0.35);
  const pieces = isMutated ? drawPlainPieces(index, chance) : drawPieces(index, chance);
  const whole = Buffer.concat(pieces.map(({ bytes }) => bytes));
  const fragments = chance.cut(isMutated ? mutateBytes(whole, chance) : whole, MAX_FRAGMENTS);
  const leaving = chance.weigh({ read: 5, fin: 2, reset: 2, 'half-close': 1 });
  return {
    pieces,
    isMutated,
    fragments,
    pausesMs: fragments.map(() => (chance.is(0.3) ? chance.between(1, 6) : 0)),
    leaving,
    written: leaving === 'read' || chance.is(0.5) ? fragments.length : chance.between(0, fragments.length),
    lingerMs: chance.is(0.5) ? 0 : chance.between(1, 30),
  };
}

function drawPieces(index: number, chance: Chance): PlannedPiece[] {
  const pieces: PlannedPiece[] = [];
  const count = chance.is(0.3) ? 1 : chance.between(1, MAX_PIECES);
  while (pieces.length < count && pieces.at(-1)?.fate !== 'truncated') {
    // Most connections have something odd in them sooner or later, but not at once.
    const kinds = groups[chance.weigh({ whole: 84, last: 6, upgrade: 4, broken: 6 })];
    pieces.push(draw(chance.pick(Object.keys(kinds)), index, pieces.length, chance));
  }
  return pieces;
}

function drawPlainPieces(index: number, chance: Chance): PlannedPiece[] {
  const count = chance.is(0.3) ? 1 : chance.between(1, MAX_PIECES);
  const pieces: PlannedPiece[] = [];
  while (pieces.length < count) {
    const piece = draw(chance.pick(plainKinds), index, pieces.length, chance);
    const isPlain = piece.isToHead !== true && !piece.bytes.includes('smuggled');
    if (isPlain) pieces.push(piece);
  }
  return pieces;
}

function draw(kind: string, index: number, number: number, chance: Chance): PlannedPiece {
  const marker = makeMarker(index, number);
  const make = allPieces[kind] as PieceMaker;
  return { ...make(marker, chance), kind, marker };
}

/** Describes a client's behaviour, with all bytes. */
export function describeConnection(seed: number, index: number): string {
  const plan = planConnection(seed, index);
  const kinds = plan.pieces.map(({ kind }) => kind).join(', ');
  const way = `${plan.leaving} after ${plan.written} of ${plan.fragments.length} fragments and ${plan.lingerMs} ms`;
  const fragments = plan.fragments.map(
    (bytes, i) => `+${plan.pausesMs[i]} ms ${JSON.stringify(bytes.toString('latin1'))}`,
  );
  return [`${kinds}${plan.isMutated ? ', with changed bytes' : ''}; leaves by ${way}`, ...fragments].join(
    '\n',
  );
}
