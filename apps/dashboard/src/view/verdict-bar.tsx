import type { StateSnapshot } from '../admin-types.ts';
import type { FeedStatus } from '../feed/live-feed.ts';
import { formatSpan } from '../words/numbers.ts';
import { type Verdict, verdictOf } from '../words/verdict.ts';
import { Icon } from './icons.tsx';
import type { App } from './ui-state.ts';

type Shown = Omit<Verdict, 'tone'> & { readonly tone: Verdict['tone'] | 'lost'; readonly since: string };

/** The whole state in one sentence, always visible. */
export function VerdictBar({ app: { feed } }: { readonly app: App }) {
  const shown = verdictNow(
    feed.shown.value,
    feed.status.value,
    feed.nowMs.value - feed.seenAtMs.value,
    feed.nowMs.value - feed.toneSinceMs.value,
  );
  return (
    <section class={`verdict tone-${shown.tone}`} aria-label="Verdict">
      <span class="verdict-icon">
        <Icon name={shown.tone} />
      </span>
      <div class="verdict-words">
        <h1>{shown.text}</h1>
        {shown.detail !== '' && <p>{shown.detail}</p>}
      </div>
      {shown.since !== '' && <span class="verdict-since">{shown.since}</span>}
    </section>
  );
}

function verdictNow(
  snapshot: StateSnapshot | undefined,
  status: FeedStatus,
  unseenMs: number,
  toneMs: number,
): Shown {
  if (status === 'unauthorized')
    return {
      tone: 'lost',
      text: 'The gateway asks for a token',
      detail: 'Nothing is shown without one.',
      since: '',
    };
  if (status === 'crowded')
    return {
      tone: 'lost',
      text: 'The gateway has too many viewers',
      detail: 'Close some of their pages. Trying again every 2 s.',
      since: '',
    };
  if (snapshot === undefined)
    return status === 'lost'
      ? { tone: 'lost', text: 'The gateway does not answer', detail: 'Trying again every 2 s.', since: '' }
      : { tone: 'idle', text: 'Connecting to the gateway…', detail: '', since: '' };
  if (status === 'lost')
    return {
      tone: 'lost',
      text: `Connection lost: last seen ${formatSpan(unseenMs)} ago`,
      detail: 'The numbers below are from then. Trying again.',
      since: '',
    };
  return { ...verdictOf(snapshot), since: toneMs < 1000 ? '' : `for ${formatSpan(toneMs)}` };
}
