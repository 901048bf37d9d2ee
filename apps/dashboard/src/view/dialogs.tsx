import { useLayoutEffect, useRef } from 'preact/hooks';
import type { StateSnapshot } from '../admin-types.ts';
import { questionOf } from '../words/effect.ts';
import { Details } from './details.tsx';
import { Gone } from './gone.tsx';
import { KeysHelp } from './keys-help.tsx';
import type { App, OpenDialog } from './ui-state.ts';

/** The dialog that is open, if one is. It tells the newest even while the page is paused: what it does is done now. */
export function Dialogs({ app }: { readonly app: App }) {
  const open = app.ui.dialog.value;
  const snapshot = app.feed.newest.value;
  if (open === undefined || snapshot === undefined) return null;
  return <Dialog app={app} snapshot={snapshot} open={open} />;
}

interface DialogProps {
  readonly app: App;
  readonly snapshot: StateSnapshot;
  readonly open: OpenDialog;
}

function Dialog({ app, snapshot, open }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  // By the browser's own means, so that focus stays inside, Escape closes, and focus returns to where it was.
  const shown = useRef(open);
  useLayoutEffect(() => {
    shown.current = open;
    if (dialog.current?.open === false) dialog.current.showModal();
  }, [open]);
  // At once, too: after the next frame, it would be taken from where a quick viewer has moved it.
  useLayoutEffect(() => dialog.current?.querySelector<HTMLElement>('[data-focus]')?.focus(), [open.kind]);
  const close = () => dialog.current?.close();
  return (
    <dialog
      ref={dialog}
      class={`dialog dialog-${open.kind}`}
      aria-labelledby="dialog-title"
      onClose={() => {
        // The event comes a while after closing: by then a key may have asked for the next dialog.
        if (dialog.current?.open === false && app.ui.dialog.value === shown.current)
          app.ui.dialog.value = undefined;
      }}
      onClick={(event) => event.target === dialog.current && close()}
    >
      <div class="dialog-body">
        {open.kind === 'details' && (
          <Details app={app} snapshot={snapshot} name={open.backend} onClose={close} />
        )}
        {open.kind === 'confirm' && <Confirm app={app} snapshot={snapshot} open={open} onClose={close} />}
        {open.kind === 'keys' && <KeysHelp onClose={close} />}
      </div>
    </dialog>
  );
}

/** Describes the effect of an action before it is done. */
function Confirm({
  app,
  snapshot,
  open: { action, subject },
  onClose,
}: {
  readonly app: App;
  readonly snapshot: StateSnapshot;
  readonly open: Extract<OpenDialog, { kind: 'confirm' }>;
  readonly onClose: () => void;
}) {
  if (snapshot.backends.every(({ name }) => name !== subject.backend))
    return <Gone name={subject.backend} onClose={onClose} />;
  const { title, effect, verb, isRisky } = questionOf(action, subject, snapshot);
  return (
    <>
      <h2 id="dialog-title">{title}</h2>
      <p>{effect}</p>
      <div class="dialog-actions">
        <button type="button" data-focus onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          class={isRisky ? 'is-primary is-risky' : 'is-primary'}
          onClick={() => {
            void app.ui.act(action, subject);
            onClose();
          }}
        >
          {verb}
        </button>
      </div>
    </>
  );
}
