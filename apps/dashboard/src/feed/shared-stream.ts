import { openEventStream, type StreamListener } from './event-stream.ts';

type Message =
  | { readonly kind: 'snapshot'; readonly json: string }
  | { readonly kind: 'lost' | 'unauthorized' | 'signed-in' };

/** Snapshots that come however many tabs are open. */
export interface SharedStream {
  /** Tries again, in whichever tab listens, after a token has been accepted. */
  signedIn(): void;
}

/**
 * Listens to the gateway in one tab for all of them. A browser opens no more than six connections to a host over HTTP/1.1, so
 * a stream for each tab would leave none for the seventh, nor for any action.
 */
export function openSharedStream(base: URL, listener: StreamListener): SharedStream {
  // Browsers offer locks only where a page is secure: over HTTPS, or from this machine.
  return 'locks' in navigator ? shareByLock(base, listener) : releaseWhenHidden(base, listener);
}

function shareByLock(base: URL, listener: StreamListener): SharedStream {
  const name = `spillway ${base.pathname}`;
  const channel = new BroadcastChannel(name);
  let reopen: (() => void) | undefined;

  function take(message: Message): void {
    if (message.kind === 'snapshot') listener.onSnapshot(message.json);
    else if (message.kind === 'lost') listener.onLost();
    else if (message.kind === 'unauthorized') listener.onUnauthorized();
    else reopen?.();
  }
  function tell(message: Message): void {
    channel.postMessage(message);
    take(message);
  }
  const toAll: StreamListener = {
    onSnapshot: (json) => tell({ kind: 'snapshot', json }),
    onLost: () => tell({ kind: 'lost' }),
    onUnauthorized: () => tell({ kind: 'unauthorized' }),
  };
  channel.addEventListener('message', ({ data }: MessageEvent<Message>) => take(data));
  // The tab that has the lock listens until it is closed; then the next one gets it.
  void navigator.locks.request(
    name,
    () =>
      new Promise<never>(() => {
        let close = openEventStream(base, toAll);
        reopen = () => {
          close();
          close = openEventStream(base, toAll);
        };
      }),
  );
  return { signedIn: () => tell({ kind: 'signed-in' }) };
}

function releaseWhenHidden(base: URL, listener: StreamListener): SharedStream {
  let close: (() => void) | undefined;
  function follow(): void {
    close?.();
    close = document.hidden ? undefined : openEventStream(base, listener);
  }
  document.addEventListener('visibilitychange', follow);
  follow();
  return { signedIn: follow };
}
