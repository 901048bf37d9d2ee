import { useEffect, useRef, useState } from 'preact/hooks';
import type { FeedStatus } from '../feed/live-feed.ts';
import { overBudgetText } from '../words/clients.ts';
import { describeEvent } from '../words/states.ts';
import { topicOf, verdictOf } from '../words/verdict.ts';
import { troubleOf } from './verdict-bar.tsx';
import type { App } from './ui-state.ts';

/** What the last announcement was about. */
interface Announced {
  topic: string;
  event: string;
  status: FeedStatus;
  isOver: boolean;
}

/** Announces changes of state to screen readers, and nothing else: numbers change each second. */
export function Announcer({ app: { feed, ui } }: { readonly app: App }) {
  const [text, setText] = useState('');
  const last = useRef<Announced>({ topic: '', event: '', status: 'connecting', isOver: false });
  const snapshot = feed.shown.value;
  const status = feed.status.value;
  const notice = ui.notice.value;
  useEffect(() => {
    const before = last.current;
    const now = { ...before, status };
    const parts = [status === before.status ? '' : streamText(status, before.status, snapshot !== undefined)];
    if (snapshot !== undefined) {
      const verdict = verdictOf(snapshot);
      const overBudget = overBudgetText(snapshot);
      const [newest] = snapshot.events;
      now.topic = topicOf(verdict);
      // The number of these clients may change each second.
      now.isOver = overBudget !== '';
      now.event = newest === undefined ? '' : describeEvent(newest);
      if (now.topic !== before.topic) parts.push(verdict.text);
      else if (now.isOver && !before.isOver) parts.push(overBudget);
      if (now.event !== before.event) parts.push(now.event);
    }
    last.current = now;
    const said = parts.filter((part) => part !== '');
    if (said.length > 0) setText(said.join('. '));
  }, [snapshot, status]);
  return (
    <>
      <p class="for-screen-readers" role="status" aria-live="polite">
        {text}
      </p>
      <div class="notices" role="status" aria-live="polite">
        {notice !== undefined && (
          <p class={notice.isError ? 'notice is-error' : 'notice'}>
            <span>{notice.text}</span>
            <button type="button" onClick={() => (ui.notice.value = undefined)}>
              Dismiss
            </button>
          </p>
        )}
      </div>
    </>
  );
}

/** Returns what has become of the stream. A second loss would not be announced if its return were not: the text is the same. */
function streamText(status: FeedStatus, before: FeedStatus, hasBeenSeen: boolean): string {
  const trouble = troubleOf(status, hasBeenSeen);
  if (trouble !== undefined) return trouble.text;
  return status === 'live' && before !== 'connecting' ? 'Connected' : '';
}
