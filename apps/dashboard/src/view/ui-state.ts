import { signal } from '@preact/signals';
import type { ActionName, StateSnapshot } from '../admin-types.ts';
import { requestAction } from '../feed/admin-api.ts';
import type { LiveFeed } from '../feed/live-feed.ts';
import type { Subject } from '../words/effect.ts';

export type OpenDialog =
  | { readonly kind: 'details'; readonly backend: string }
  | { readonly kind: 'confirm'; readonly action: ActionName; readonly subject: Subject }
  | { readonly kind: 'keys' };

/** The viewer's choices. */
export class UiState {
  readonly filter = signal('');
  /** Undefined for all. */
  readonly deployment = signal<string | undefined>(undefined);
  readonly dialog = signal<OpenDialog | undefined>(undefined);
  /** The result of the last action. */
  readonly notice = signal<{ readonly text: string; readonly isError: boolean } | undefined>(undefined);
  readonly #base: URL;
  readonly #feed: LiveFeed;

  constructor(base: URL, feed: LiveFeed) {
    this.#base = base;
    this.#feed = feed;
  }

  async act(action: ActionName, subject: Subject): Promise<void> {
    const { isDone, message, isUnauthorized } = await requestAction(this.#base, action, subject);
    if (isUnauthorized) this.#feed.refuse();
    else this.notice.value = { text: message, isError: !isDone };
  }
}

/** The inputs of every part of the page. */
export interface App {
  readonly base: URL;
  readonly feed: LiveFeed;
  readonly ui: UiState;
}

/** Returns the names of all deployments that any backend lists, in order; of several spellings of one, the first. */
export function deploymentNames({ backends }: StateSnapshot): string[] {
  const names = backends.flatMap(({ deployments }) => deployments.map(({ name }) => name));
  const byKey = new Map(names.toReversed().map((name) => [name.toLowerCase(), name]));
  return [...byKey.values()].sort();
}
