import { batch, signal } from '@preact/signals';
import type { StateSnapshot } from '../admin-types.ts';
import { RateHistory } from '../history/rate-history.ts';
import { topicOf, verdictOf } from '../words/verdict.ts';
import { ReplicaWatch } from './replica-watch.ts';
import { openSharedStream, type SharedStream } from './shared-stream.ts';

export type FeedStatus = 'connecting' | 'live' | 'lost' | 'unauthorized' | 'crowded';

/** Snapshots come once a second; after three missing ones the stream counts as dead, whatever the connection says. */
const SILENT_MS = 3500;

/** The newest snapshot, the earlier ones, and whether they still come. */
export class LiveFeed {
  readonly status = signal<FeedStatus>('connecting');
  /** The displayed one: the newest, unless the page is paused. */
  readonly shown = signal<StateSnapshot | undefined>(undefined);
  readonly newest = signal<StateSnapshot | undefined>(undefined);
  readonly isPaused = signal(false);
  /** By this browser's clock. */
  readonly nowMs = signal(Date.now());
  /** When the last snapshot came, and when what its verdict is about was first seen, by this browser's clock. */
  readonly seenAtMs = signal(0);
  readonly topicSinceMs = signal(0);
  /** Whether another topic was seen before. */
  readonly hasTopicChanged = signal(false);
  /** Whether several replicas answer at this address in turn. */
  readonly isOfSeveral = signal(false);
  /** The gateway's version, once it is another than the page's: a page stays open while the gateway is updated. */
  readonly newVersion = signal<string | undefined>(undefined);
  readonly history = new RateHistory();
  readonly #replicas = new ReplicaWatch();
  #openedAtMs = 0;
  /** Of the gateway that the page came from. */
  #version: string | undefined;
  #topic: string | undefined;
  #stream: SharedStream | undefined;

  open(base: URL): void {
    this.#openedAtMs = Date.now();
    this.#stream = openSharedStream(base, {
      onSnapshot: (json) => this.take(JSON.parse(json) as StateSnapshot),
      onLost: () => this.#miss('lost'),
      onUnauthorized: () => this.#miss('unauthorized'),
      onCrowded: () => this.#miss('crowded'),
    });
    setInterval(() => this.#tick(), 1000);
    document.addEventListener('visibilitychange', () => this.#show());
  }

  /** Tells all tabs that a token was accepted. */
  signedIn(): void {
    this.#stream?.signedIn();
  }

  refuse(): void {
    this.#miss('unauthorized');
  }

  togglePause(): void {
    batch(() => {
      this.isPaused.value = !this.isPaused.value;
      this.#show();
    });
  }

  take(snapshot: StateSnapshot): void {
    batch(() => {
      const topic = topicOf(verdictOf(snapshot));
      this.nowMs.value = Date.now();
      if (topic !== this.#topic) {
        this.topicSinceMs.value = this.nowMs.value;
        this.hasTopicChanged.value = this.#topic !== undefined;
      }
      this.#topic = topic;
      this.newest.value = snapshot;
      this.#version ??= snapshot.version;
      this.newVersion.value = snapshot.version === this.#version ? undefined : snapshot.version;
      this.history.note(snapshot);
      this.#replicas.note(snapshot, this.nowMs.value);
      this.isOfSeveral.value = this.#replicas.areSeveral(this.nowMs.value);
      this.seenAtMs.value = this.nowMs.value;
      this.status.value = 'live';
      this.#show();
    });
  }

  /** A hidden page need not be drawn; it is drawn when it becomes visible again. */
  #show(): void {
    if (!this.isPaused.value && !document.hidden) this.shown.value = this.newest.value;
  }

  #miss(status: Exclude<FeedStatus, 'connecting' | 'live'>): void {
    batch(() => {
      this.nowMs.value = Date.now();
      this.status.value = status;
    });
  }

  #tick(): void {
    const nowMs = Date.now();
    const heardAtMs = Math.max(this.seenAtMs.value, this.#openedAtMs);
    const isAwaited = this.status.value === 'live' || this.status.value === 'connecting';
    if (isAwaited && nowMs - heardAtMs > SILENT_MS) this.#miss('lost');
    if (!document.hidden) this.nowMs.value = nowMs;
  }
}
