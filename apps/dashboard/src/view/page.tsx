import { formatSpan } from '../words/numbers.ts';
import { factsOf } from '../words/tile-facts.ts';
import { Announcer } from './announcer.tsx';
import { ChartCard } from './chart-card.tsx';
import { Clients } from './clients.tsx';
import { Dialogs } from './dialogs.tsx';
import { Lanes } from './lanes.tsx';
import { NoTraffic } from './no-traffic.tsx';
import { Recent } from './recent.tsx';
import { Stats } from './stats.tsx';
import { TokenPrompt } from './token-prompt.tsx';
import { Toolbar } from './toolbar.tsx';
import type { App } from './ui-state.ts';
import { VerdictBar } from './verdict-bar.tsx';

/** The whole page. */
export function Page({ app }: { readonly app: App }) {
  const { feed } = app;
  const isUnauthorized = feed.status.value === 'unauthorized';
  const snapshot = isUnauthorized ? undefined : feed.shown.value;
  const isStale = feed.status.value !== 'live';
  return (
    <>
      <Toolbar app={app} snapshot={snapshot} />
      <main class={isStale ? 'is-stale' : ''}>
        <VerdictBar app={app} />
        {isUnauthorized && <TokenPrompt app={app} />}
        {snapshot !== undefined && (
          <>
            <Stats snapshot={snapshot} />
            {feed.history.seenS > 0 &&
              snapshot.totals.requestsPerSecond === 0 &&
              snapshot.process.inFlight === 0 &&
              hasServedNothing(snapshot) && <NoTraffic app={app} snapshot={snapshot} />}
            <Lanes app={app} snapshot={snapshot} />
            <Clients snapshot={snapshot} />
            <div class="cards">
              <ChartCard app={app} snapshot={snapshot} />
              <Recent snapshot={snapshot} />
            </div>
          </>
        )}
      </main>
      {snapshot !== undefined && (
        <footer>
          <p>
            Of this one process, up {formatSpan(snapshot.process.uptimeMs)},{' '}
            {Math.round(snapshot.process.residentBytes / 1_000_000)} MB. Other replicas have pages of their
            own.
          </p>
          <p>
            <a href="admin/metrics">Metrics</a> <a href="admin/openapi.json">API</a>
          </p>
        </footer>
      )}
      <Announcer app={app} />
      {!isUnauthorized && <Dialogs app={app} />}
    </>
  );
}

function hasServedNothing({ backends }: NonNullable<App['feed']['shown']['value']>): boolean {
  return backends.every((backend) => factsOf(backend, undefined).rpm === 0);
}
