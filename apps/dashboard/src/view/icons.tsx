import type { StateWord } from '../admin-types.ts';
import type { Tone } from '../words/verdict.ts';

type IconName = StateWord | Tone | 'lost';

/** One shape for each state, so that colour is not its only sign. Drawn in a square of 16. */
const PATHS: Readonly<Record<IconName, string>> = {
  available: 'M3 8.5l3.5 3.5L13 4.5',
  probing: 'M8 2v4M8 10v4M2 8h4M10 8h4',
  full: 'M3 3h10v10H3zM3 6h10M3 9.5h10',
  cooling: 'M4 4l8 8M12 4l-8 8',
  throttled: 'M5.5 3v10M10.5 3v10',
  draining: 'M8 2.5L13 9H3zM3 13h10',
  serving: 'M3 8.5l3.5 3.5L13 4.5',
  idle: 'M3 8h10',
  spilling: 'M3 4h4c3 0 2 8 5 8h1M10.5 9.5L13 12l-2.5 2.5',
  refusing: 'M8 2v8M8 13v.6',
  lost: 'M2.5 6.5a8 8 0 0 1 11 0M5 9.5a4.5 4.5 0 0 1 6 0M8 12.6v.1M3 2l10 12',
};

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
