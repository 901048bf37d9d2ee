import type { StateSnapshot } from '../admin-types.ts';
import { formatSpan } from '../words/numbers.ts';
import { type App, deploymentNames } from './ui-state.ts';

/** The head of the page: whether it is live, and its filters. */
export function Toolbar({
  app,
  snapshot,
}: {
  readonly app: App;
  readonly snapshot: StateSnapshot | undefined;
}) {
  return (
    <header class="toolbar">
      <Brand version={snapshot?.version} />
      {snapshot !== undefined && <Controls app={app} snapshot={snapshot} />}
      <FeedChip app={app} />
    </header>
  );
}

function Brand({ version }: { readonly version: string | undefined }) {
  return (
    <p class="brand">
      <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
        <rect width="32" height="32" rx="8" />
        <path class="brand-pipe" d="M6 10h9c5 0 3 12 8 12h3" />
        <path class="brand-spill" d="M6 18h4c4 0 3 6 6 6" />
      </svg>
      Spillway
      {version !== undefined && <span class="version">{version}</span>}
    </p>
  );
}

function Controls({ app: { feed, ui }, snapshot }: { readonly app: App; readonly snapshot: StateSnapshot }) {
  return (
    <div class="controls">
      <input
        id="filter"
        type="search"
        placeholder="Filter  /"
        aria-label="Filter backends"
        aria-keyshortcuts="/"
        value={ui.filter.value}
        onInput={(event) => (ui.filter.value = event.currentTarget.value)}
      />
      <select
        id="deployment"
        aria-label="Deployment"
        aria-keyshortcuts="d"
        onChange={(event) => (ui.deployment.value = event.currentTarget.value || undefined)}
      >
        <option value="">All deployments</option>
        {choicesOf(snapshot, ui.deployment.value).map((name) => (
          <option key={name} value={name} selected={name === ui.deployment.value}>
            {name}
          </option>
        ))}
      </select>
      <button
        type="button"
        aria-keyshortcuts="p"
        aria-pressed={feed.isPaused.value}
        onClick={() => feed.togglePause()}
      >
        {feed.isPaused.value ? 'Go on' : 'Pause'}
      </button>
      <button
        type="button"
        class="keys-button"
        aria-label="Keys"
        onClick={() => (ui.dialog.value = { kind: 'keys' })}
      >
        ?
      </button>
    </div>
  );
}

/** Returns the deployments to choose from. The chosen one stays among them: a gateway that restarted knows it only later. */
function choicesOf(snapshot: StateSnapshot, chosen: string | undefined): readonly string[] {
  const names = deploymentNames(snapshot);
  return chosen === undefined || names.includes(chosen) ? names : [chosen, ...names];
}

function FeedChip({ app: { feed } }: { readonly app: App }) {
  const status = feed.status.value;
  if (status === 'live' && feed.isPaused.value) {
    const atMs = feed.shown.value?.atMs ?? 0;
    return <p class="chip is-paused">Paused at {new Date(atMs).toLocaleTimeString()}</p>;
  }
  if (status === 'live') return <p class="chip is-live">Live</p>;
  if (status === 'lost' && feed.seenAtMs.value > 0)
    return (
      <p class="chip is-lost">Lost, last seen {formatSpan(feed.nowMs.value - feed.seenAtMs.value)} ago</p>
    );
  const words = {
    connecting: 'Connecting',
    lost: 'Not reached',
    unauthorized: 'Token needed',
    crowded: 'Too many viewers',
  };
  return <p class="chip is-lost">{words[status]}</p>;
}
