import type { Backend } from '../backend.ts';
import type { Candidate } from './strategy.ts';
import { weightOf } from './weight-of.ts';

/** A backend may have used this many times the group's average share of its quota before it is passed over. */
const MAX_OF_AVERAGE = 1.25;
/** Below this share in use, or this number in flight, there is nothing to balance. */
const FREE_SHARE = 0.5;
const FREE_IN_FLIGHT = 16;

/**
 * Returns the candidate that a prompt's beginning belongs to, by rendezvous hashing: every gateway chooses the same one
 * without coordination, each backend's share of prompts matches its weight, and when one is away only its own prompts
 * move. A candidate that is much more loaded than the others is passed over for the next (consistent hashing with
 * bounded loads, Mirrokni et al. 2016).
 */
export function preferredByPrompt<C extends Candidate>(
  candidates: readonly C[],
  affinityKey: number,
): C | undefined {
  const mostUsed = Math.max(FREE_SHARE, MAX_OF_AVERAGE * average(candidates, usedShare));
  const mostInFlight = Math.max(
    FREE_IN_FLIGHT,
    MAX_OF_AVERAGE * average(candidates, ({ inFlight }) => inFlight),
  );
  let preferred: C | undefined;
  let highest = -1;
  for (const candidate of candidates) {
    const isLoaded =
      candidate.headroom === undefined ? candidate.inFlight >= mostInFlight : usedShare(candidate) > mostUsed;
    const score = isLoaded ? -1 : scoreOf(candidate.backend, affinityKey);
    if (score <= highest) continue;
    preferred = candidate;
    highest = score;
  }
  return preferred;
}

function usedShare({ headroom }: Candidate): number {
  return headroom === undefined ? 0 : 1 - headroom;
}

function average<C>(candidates: readonly C[], valueOf: (candidate: C) => number): number {
  let sum = 0;
  for (const candidate of candidates) sum += valueOf(candidate);
  return sum / candidates.length;
}

/**
 * The highest of these wins in proportion to its weight (weighted rendezvous hashing, Schindelhauer and Schomaker
 * 2005).
 */
function scoreOf(backend: Backend, key: number): number {
  return weightOf(backend) / -Math.log((hashOf(backend.name, key) + 0.5) / 2 ** 32);
}

/** A number from 0 to 2^32 that looks random, but is the same for the same name and key everywhere (FNV-1a, then mixed). */
function hashOf(name: string, key: number): number {
  let hash = 0x811c9dc5 ^ key;
  for (let index = 0; index < name.length; index++) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
