import type { StateSnapshot } from '../admin-types.ts';
import { unhurtForMs, unspilledForMs } from './ended.ts';
import { formatSpan } from './numbers.ts';
import type { Tone } from './verdict.ts';

/** How long a page has seen a verdict of one tone. */
export interface Seen {
  readonly forMs: number;
  /** Whether it has seen how that began: a page may be opened in the middle of it. */
  readonly fromBeginning: boolean;
}

/** Returns since when a verdict holds: as the gateway tells it, or as far as the page has seen it. */
export function sinceText(tone: Tone, snapshot: StateSnapshot, seen: Seen): string {
  const told = toldMs(tone, snapshot);
  if (told !== undefined) return told < 1000 ? '' : `for ${formatSpan(told)}`;
  if (seen.forMs < 1000) return '';
  return `for ${seen.fromBeginning ? '' : 'at least '}${formatSpan(seen.forMs)}`;
}

/** Of what has ended, its length. */
function toldMs(tone: Tone, snapshot: StateSnapshot): number | undefined {
  const { hurtForMs, spillingForMs } = snapshot.totals;
  if (tone === 'refusing') return hurtForMs && hurtForMs - (unhurtForMs(snapshot) ?? 0);
  if (tone === 'spilling') return spillingForMs && spillingForMs - (unspilledForMs(snapshot.groups) ?? 0);
  return undefined;
}
