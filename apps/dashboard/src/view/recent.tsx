import type { StateSnapshot } from '../admin-types.ts';
import { formatSpan } from '../words/numbers.ts';
import { describeEvent } from '../words/states.ts';
import { Icon } from './icons.tsx';

/** The last failovers and changes of state, the newest first. */
export function Recent({ snapshot: { failovers, events, process } }: { readonly snapshot: StateSnapshot }) {
  return (
    <section class="card recent" aria-labelledby="recent-title">
      <header class="card-header">
        <h2 id="recent-title">Last failovers</h2>
      </header>
      {failovers.length === 0 ? (
        <p class="empty">None: no request went on to another backend after one had failed or throttled it.</p>
      ) : (
        <ol class="failovers" tabIndex={0} aria-label="Last failovers">
          {failovers.map(({ deployment, from, reason, to, fallback, count, sinceMs, agoMs }) => (
            <li key={`${deployment} ${from} ${to} ${fallback} ${reason} ${sinceMs - agoMs}`}>
              <span class="failover-route">
                <strong>{from}</strong> <span class="reason">{reason}</span> <span aria-label="to">→</span>{' '}
                <strong>{to}</strong>
              </span>
              <span class="failover-count">{count > 1 && `${count}×`}</span>
              <Deployment name={deployment} fallback={fallback} />
              <span class="ago">{agoText(agoMs)}</span>
            </li>
          ))}
        </ol>
      )}
      <header class="card-header">
        <h2>Changes of state</h2>
        {process.reloadedAgoMs !== undefined && (
          <p class="ago">Configuration changed {agoText(process.reloadedAgoMs)}</p>
        )}
      </header>
      {events.length === 0 ? (
        <p class="empty">None since the gateway started.</p>
      ) : (
        <ol class="events">
          {events.map((event, place) => (
            <li key={place} class={`state-${event.to}`}>
              <span class="state">
                <Icon name={event.to} />
              </span>
              <span>{describeEvent(event)}</span>
              <span class="ago">{agoText(event.agoMs)}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function Deployment({ name, fallback }: { readonly name: string; readonly fallback: string | undefined }) {
  return (
    <span class="failover-deployment">
      <bdi>{name}</bdi>
      {fallback !== undefined && (
        <>
          {' → '}
          <bdi>{fallback}</bdi>
        </>
      )}
    </span>
  );
}

function agoText(ms: number): string {
  return ms < 1000 ? 'now' : `${formatSpan(ms)} ago`;
}
