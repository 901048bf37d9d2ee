import { fetchState } from './admin-api.ts';
import { type StateListener, StatePoll } from './state-poll.ts';

/** The news from the gateway. */
export interface StreamListener extends StateListener {
  onUnauthorized(): void;
  /** The gateway is there, but accepts no more viewers for now. */
  onCrowded(): void;
}

const RETRY_MS = 2000;
/**
 * Snapshots come once a second. A connection without any for this long may be dead unnoticed: this computer has slept, or a
 * network, tunnel or proxy on the way has forgotten it.
 */
const SILENT_MS = 10_000;

/** Listens to the gateway's snapshots. Returns a function that stops it. */
export function openEventStream(base: URL, listener: StreamListener): () => void {
  let source: EventSource | undefined;
  /** Until it is connected again. */
  let retry: ReturnType<typeof setTimeout> | undefined;
  const poll = new StatePoll(base, listener);
  let isStopped = false;

  function retryIn(ms: number): void {
    clearTimeout(retry);
    retry = setTimeout(connect, ms);
  }

  function connect(): void {
    source?.close();
    source = new EventSource(new URL('admin/events', base));
    retryIn(SILENT_MS);
    poll.start();
    source.addEventListener('snapshot', ({ data }: MessageEvent<string>) => {
      retryIn(SILENT_MS);
      poll.stop();
      listener.onSnapshot(data);
    });
    source.addEventListener('error', () => {
      if (isStopped) return;
      if (!poll.isAnswered) listener.onLost();
      // The browser tries again by itself, except after an answer such as 401, whose status it does not reveal.
      if (source?.readyState === EventSource.CLOSED) void findReason();
    });
  }

  async function findReason(): Promise<void> {
    clearTimeout(retry);
    poll.stop();
    const { status } = await fetchState(base);
    if (isStopped) return;
    if (status === 401) return listener.onUnauthorized();
    if (status === 200) listener.onCrowded();
    retryIn(RETRY_MS);
  }

  connect();
  return () => {
    isStopped = true;
    clearTimeout(retry);
    poll.stop();
    source?.close();
  };
}
