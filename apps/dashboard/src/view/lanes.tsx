import type { GroupState, StateSnapshot } from '../admin-types.ts';
import { unspilledForMs } from '../words/ended.ts';
import { formatPercent, formatRate, formatSpan } from '../words/numbers.ts';
import { matchesFilter } from '../words/tile-facts.ts';
import { deploymentsOf } from '../words/states.ts';
import { spilledInto } from '../words/verdict.ts';
import { ThrottleButton } from './throttle-button.tsx';
import { Tile } from './tile.tsx';
import type { App } from './ui-state.ts';

const MIN_COLUMNS = 2;
const MAX_COLUMNS = 4;

/** One lane for each priority, the most preferred first, with the spilling traffic between them. */
export function Lanes({ app, snapshot }: { readonly app: App; readonly snapshot: StateSnapshot }) {
  const total = snapshot.groups.reduce((sum, { requestsPerSecond }) => sum + requestsPerSecond, 0);
  const widest = Math.max(
    ...snapshot.groups.map(
      (group) => snapshot.backends.filter(({ priority }) => priority === group.priority).length,
    ),
  );
  const columns = Math.min(MAX_COLUMNS, Math.max(MIN_COLUMNS, widest));
  return (
    <section class="lanes" aria-label="Backends by priority" style={{ '--columns': String(columns) }}>
      {snapshot.groups.map((group, place) => (
        <div class="lane-with-pipe" key={group.priority}>
          {place > 0 && <Pipe group={group} total={total} />}
          <Lane app={app} snapshot={snapshot} group={group} total={total} />
        </div>
      ))}
    </section>
  );
}

interface GroupProps {
  readonly group: GroupState;
  /** Requests per second of all groups. */
  readonly total: number;
}

function Lane({
  app,
  snapshot,
  group,
  total,
}: GroupProps & { readonly app: App; readonly snapshot: StateSnapshot }) {
  const { filter, deployment } = app.ui;
  const all = snapshot.backends.filter(({ priority }) => priority === group.priority);
  const shown = all.filter(
    (backend) =>
      matchesFilter(backend, filter.value) &&
      (deployment.value === undefined || deploymentsOf(backend, deployment.value).length > 0),
  );
  const share = total === 0 ? 0 : group.requestsPerSecond / total;
  return (
    <section class="lane" aria-labelledby={`lane-${group.priority}`}>
      <div class="rail" style={{ '--share': String(share) }}>
        <h2 id={`lane-${group.priority}`}>Priority {group.priority}</h2>
        <p class="rail-share">{total === 0 ? '–' : formatPercent(share)}</p>
        <p class="rail-rate">{formatRate(group.requestsPerSecond)} req/s</p>
        <ThrottleButton base={app.base} backends={all.map(({ name }) => name)} label="Throttle 15 s" />
      </div>
      <div class="tiles">
        {shown.map((backend) => (
          <Tile key={backend.name} app={app} backend={backend} snapshot={snapshot} />
        ))}
        {shown.length === 0 && (
          <p class="lane-empty">None of its {all.length} backends matches the filter.</p>
        )}
      </div>
    </section>
  );
}

/** Now, and afterwards. */
const CAUSES: Readonly<Record<GroupState['spilledIn'][number]['cause'], readonly [string, string]>> = {
  throttled: ['is throttled (429)', 'was throttled (429)'],
  full: ['has no quota left', 'had no quota left'],
  utilization: ['uses its PTU to the limit', 'used its PTU to the limit'],
  failing: ['fails', 'failed'],
  slow: ['is slow', 'was slow'],
  declined: ['declines them', 'declined them'],
  draining: ['is drained', 'was drained'],
};

const MIN_PIPE_PX = 6;
const MAX_PIPE_PX = 34;

/** A group's traffic in place of better groups: the larger its share of all requests, the thicker. */
function Pipe({ group, total }: GroupProps) {
  const spilled = spilledInto(group);
  const share = total === 0 ? 0 : Math.min(1, spilled / total);
  const widthPx = MIN_PIPE_PX + (MAX_PIPE_PX - MIN_PIPE_PX) * Math.sqrt(share);
  const unspilledMs = unspilledForMs([group]);
  const isFlowing = spilled > 0 && unspilledMs === undefined;
  return (
    <div class={isFlowing ? 'pipe is-flowing' : 'pipe'} style={{ '--pipe': `${widthPx}px` }}>
      <div class="pipe-track" aria-hidden="true" />
      <div class="pipe-words">
        {isFlowing && <strong>{formatRate(spilled)} req/s spill here</strong>}
        {spilled > 0 && unspilledMs !== undefined && (
          <strong>spilled here until {formatSpan(unspilledMs)} ago</strong>
        )}
        <span>{spilled > 0 ? describeCauses(group.spilledIn, !isFlowing) : 'nothing spills'}</span>
      </div>
    </div>
  );
}

/**
 * Returns why requests spill, such as `because priority 1 is throttled (429)`; with several causes, each one's rate.
 */
function describeCauses(spilledIn: GroupState['spilledIn'], isOver: boolean): string {
  return spilledIn
    .map(({ fromPriority, cause, requestsPerSecond }) => {
      const rate = spilledIn.length === 1 ? '' : `${formatRate(requestsPerSecond)} `;
      return `${rate}because priority ${fromPriority} ${CAUSES[cause][isOver ? 1 : 0]}`;
    })
    .join(', ');
}
