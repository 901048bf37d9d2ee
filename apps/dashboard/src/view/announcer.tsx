import { useEffect, useRef, useState } from 'preact/hooks';
import { overBudgetText } from '../words/clients.ts';
import { describeEvent } from '../words/states.ts';
import { verdictOf } from '../words/verdict.ts';
import type { App } from './ui-state.ts';

/** Announces changes of state to screen readers, and nothing else: numbers change each second. */
export function Announcer({ app: { feed, ui } }: { readonly app: App }) {
  const [text, setText] = useState('');
  const last = useRef({ tone: '', event: '', status: '', isOver: false });
  const snapshot = feed.shown.value;
  const status = feed.status.value;
  const notice = ui.notice.value;
  useEffect(() => {
    if (snapshot === undefined) return;
    const verdict = verdictOf(snapshot);
    const [newest] = snapshot.events;
    const event = newest === undefined ? '' : describeEvent(newest);
    const parts = [];
    if (status !== last.current.status && status === 'lost') parts.push('Connection lost');
    const overBudget = overBudgetText(snapshot);
    // The number of these clients may change each second.
    const isOver = overBudget !== '';
    if (verdict.tone !== last.current.tone) parts.push(verdict.text);
    else if (isOver && !last.current.isOver) parts.push(overBudget);
    if (event !== last.current.event) parts.push(event);
    last.current = { tone: verdict.tone, event, status, isOver };
    if (parts.length > 0) setText(parts.join('. '));
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
