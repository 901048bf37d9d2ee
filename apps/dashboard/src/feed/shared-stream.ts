import { openEventStream, type StreamListener } from './event-stream.ts';

type News =
  | { readonly kind: 'snapshot'; readonly json: string }
  | { readonly kind: 'lost' | 'unauthorized' | 'crowded' };

/** The messages between tabs: news of the gateway, and instructions for the tab that listens. */
type Message = News | { readonly kind: 'joined' } | { readonly kind: 'signed-in' };

/** Snapshots that come however many tabs are open. */
export interface SharedStream {
  /** Tries again, in whichever tab listens, after a token has been accepted. */
  signedIn(): void;
}

/**
 * Listens to the gateway in one tab for all of them. A browser opens at most six connections to a host over HTTP/1.1,
 * so a stream for each tab would leave none for the seventh, nor for any action.
 */
export function openSharedStream(base: URL, listener: StreamListener): SharedStream {
  // Browsers offer locks only where a page is secure: over HTTPS, or from this machine.
  return 'locks' in navigator ? shareByLock(base, listener) : releaseWhenHidden(base, listener);
}

function shareByLock(base: URL, listener: StreamListener): SharedStream {
  const name = `spillway ${base.pathname}`;
  const channel = new BroadcastChannel(name);
  let listening: ListeningTab | undefined;
  channel.addEventListener('message', ({ data }: MessageEvent<Message>) => {
    if (data.kind === 'joined') listening?.repeat();
    else if (data.kind === 'signed-in') listening?.reopen();
    else take(data, listener);
  });
  channel.postMessage({ kind: 'joined' } satisfies Message);
  let alone: SharedStream | undefined;
  // The tab that has the lock listens until it is closed; then the next one gets it.
  navigator.locks
    .request(name, () => new Promise<never>(() => (listening = new ListeningTab(base, channel, listener))))
    // Where a browser blocks the data of sites, it refuses locks as well.
    .catch(() => (alone = releaseWhenHidden(base, listener)));
  return {
    signedIn: () => {
      if (alone !== undefined) alone.signedIn();
      else if (listening === undefined) channel.postMessage({ kind: 'signed-in' } satisfies Message);
      else listening.reopen();
    },
  };
}

/** The one tab that listens, and tells the others. */
class ListeningTab {
  readonly #base: URL;
  readonly #channel: BroadcastChannel;
  readonly #listener: StreamListener;
  #newest: News | undefined;
  #close: (() => void) | undefined;

  constructor(base: URL, channel: BroadcastChannel, listener: StreamListener) {
    this.#base = base;
    this.#channel = channel;
    this.#listener = listener;
    this.reopen();
  }

  reopen(): void {
    this.#close?.();
    this.#close = openEventStream(this.#base, {
      onSnapshot: (json) => this.#tell({ kind: 'snapshot', json }),
      onLost: () => this.#tell({ kind: 'lost' }),
      onUnauthorized: () => this.#tell({ kind: 'unauthorized' }),
      onCrowded: () => this.#tell({ kind: 'crowded' }),
    });
  }

  /**
   * A tab that has just been opened has missed it. A snapshot is not repeated: it may be old, and the next one comes
   * soon.
   */
  repeat(): void {
    if (this.#newest !== undefined && this.#newest.kind !== 'snapshot')
      this.#channel.postMessage(this.#newest);
  }

  #tell(news: News): void {
    this.#newest = news;
    this.#channel.postMessage(news);
    take(news, this.#listener);
  }
}

function take(news: News, listener: StreamListener): void {
  if (news.kind === 'snapshot') listener.onSnapshot(news.json);
  else if (news.kind === 'lost') listener.onLost();
  else if (news.kind === 'crowded') listener.onCrowded();
  else listener.onUnauthorized();
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
