import type { StateSnapshot } from '../admin-types.ts';
import type { FeedStatus } from '../feed/live-feed.ts';
import { formatSpan } from '../words/numbers.ts';
import { type Seen, sinceText } from '../words/since.ts';
import { type Verdict, verdictOf } from '../words/verdict.ts';
import { Icon } from './icons.tsx';
import type { App } from './ui-state.ts';

type Shown = Omit<Verdict, 'tone'> & { readonly tone: Verdict['tone'] | 'lost'; readonly since: string };

/** In characters: some lines of a narrow page, and some of any. A detail that long is not kept in sight, but never cut off. */
const WORDY = 80;
const LONG = 240;

const SEVERAL =
  'Several replicas answer at this address in turn. What is shown, and what a drain changes, is of one of them: open each by an address of its own.';

/** The whole state in one sentence, always visible. */
export function VerdictBar({ app: { feed } }: { readonly app: App }) {
  const shown = verdictNow(feed.shown.value, feed.status.value, feed.nowMs.value - feed.seenAtMs.value, {
    forMs: feed.nowMs.value - feed.topicSinceMs.value,
    fromBeginning: feed.hasTopicChanged.value,
  });
  return (
    <section class={`verdict tone-${shown.tone}${lengthClass(shown.detail)}`} aria-label="Verdict">
      <span class="verdict-icon">
        <Icon name={shown.tone} />
      </span>
      <div class="verdict-words">
        <h1>{shown.text}</h1>
        {shown.detail !== '' && <p>{shown.detail}</p>}
        {feed.newVersion.value !== undefined && (
          <p>The gateway is now of version {feed.newVersion.value}: load this page again.</p>
        )}
        {feed.isOfSeveral.value && feed.status.value === 'live' && <p>{SEVERAL}</p>}
      </div>
      {shown.since !== '' && <span class="verdict-since">{shown.since}</span>}
    </section>
  );
}

function lengthClass({ length }: string): string {
  if (length > LONG) return ' is-wordy is-long';
  return length > WORDY ? ' is-wordy' : '';
}

/** Returns what is wrong with the stream, and what to expect; undefined if nothing is wrong. */
export function troubleOf(
  status: FeedStatus,
  hasBeenSeen: boolean,
): { readonly text: string; readonly detail: string } | undefined {
  if (status === 'unauthorized')
    return { text: 'The gateway asks for a token', detail: 'Nothing is shown without one.' };
  if (status === 'crowded')
    return {
      text: 'The gateway has too many viewers',
      detail: 'Close some of their pages. Trying again every 2 s.',
    };
  if (status !== 'lost') return undefined;
  return hasBeenSeen
    ? { text: 'Connection lost', detail: 'The numbers below are from then. Trying again.' }
    : { text: 'The gateway does not answer', detail: 'Trying again every 2 s.' };
}

function verdictNow(
  snapshot: StateSnapshot | undefined,
  status: FeedStatus,
  unseenMs: number,
  seen: Seen,
): Shown {
  const trouble = troubleOf(status, snapshot !== undefined);
  if (trouble !== undefined) {
    const lastSeen =
      status === 'lost' && snapshot !== undefined ? `: last seen ${formatSpan(unseenMs)} ago` : '';
    return { tone: 'lost', text: trouble.text + lastSeen, detail: trouble.detail, since: '' };
  }
  if (snapshot === undefined)
    return { tone: 'idle', text: 'Connecting to the gateway…', detail: '', since: '' };
  const verdict = verdictOf(snapshot);
  return { ...verdict, since: sinceText(verdict.tone, snapshot, seen) };
}
