import type { StateSnapshot } from '../admin-types.ts';
import { formatSpan } from './numbers.ts';
import type { Tone } from './verdict.ts';

/** How long a page has seen a verdict of one tone. */
export interface Seen {
  readonly forMs: number;
  /** Whether it has seen how that began: a page may be opened in the middle of it. */
  readonly fromBeginning: boolean;
}

/** Returns since when a verdict holds: as the gateway tells it, or as far as the page has seen it. */
export function sinceText(tone: Tone, { totals }: Pick<StateSnapshot, 'totals'>, seen: Seen): string {
  const told = toldMs(tone, totals);
  if (told !== undefined) return told < 1000 ? '' : `for ${formatSpan(told)}`;
  if (seen.forMs < 1000) return '';
  return `for ${seen.fromBeginning ? '' : 'at least '}${formatSpan(seen.forMs)}`;
}

function toldMs(tone: Tone, { hurtForMs, spillingForMs }: StateSnapshot['totals']): number | undefined {
  if (tone === 'refusing') return hurtForMs;
  return tone === 'spilling' ? spillingForMs : undefined;
}
