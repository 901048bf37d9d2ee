import type { BackendSnapshot, StateSnapshot, StateWord } from '../admin-types.ts';
import { formatCount, formatLatency, formatPercent } from '../words/numbers.ts';
import { isolate } from '../words/isolate.ts';
import { deploymentsOf, describeStanding, isOut, standingOf, wordOf } from '../words/states.ts';
import { factsOf, HIGH_SHARE, type Meter } from '../words/tile-facts.ts';
import { Icon } from './icons.tsx';
import { seriesClass } from './series.ts';
import { Sparkline } from './sparkline.tsx';
import { ThrottleButton } from './throttle-button.tsx';
import type { App } from './ui-state.ts';

const SPARKLINE_S = 60;

/** One backend: its state, and its traffic. All of it is a button to its details. */
export function Tile({
  app,
  backend,
  snapshot,
}: {
  readonly app: App;
  readonly backend: BackendSnapshot;
  readonly snapshot: StateSnapshot;
}) {
  const deployment = app.ui.deployment.value;
  const standing = standingOf(backend, deployment);
  const { state, word, detail } = describeStanding(standing);
  const facts = factsOf(backend, deployment);
  return (
    <article class={`tile state-${state}${isOut(standing) ? ' is-out' : ''}`} data-backend={backend.name}>
      <TileHead
        app={app}
        name={backend.name}
        place={snapshot.backends.indexOf(backend)}
        state={state}
        word={word}
      />
      <p class="tile-detail">
        {detail ||
          otherStates(backend, standing.state, deployment) ||
          reserveText(backend) ||
          roomText(facts.meter)}
      </p>
      <div class="tile-rate">
        <p>
          <span class="tile-value">{formatCount(facts.rpm)}</span> req/min
        </p>
        <Sparkline rates={app.feed.history.ratesOf(backend.name, SPARKLINE_S)} />
      </div>
      {facts.meter === undefined ? (
        <p class="meter-text">{formatCount(facts.tpm)} tokens/min, limit unknown</p>
      ) : (
        <QuotaMeter meter={facts.meter} isShared={isShared(backend, deployment)} />
      )}
      <dl class="tile-facts">
        <Fact name="in flight" value={String(backend.inFlight)} />
        <Fact name="p50 / p95" value={latencyText(facts.p50Ms, facts.p95Ms)} />
        <Fact name="429s absorbed" value={formatCount(facts.absorbed429s)} />
      </dl>
      <ThrottleButton base={app.base} backends={[backend.name]} label="Throttle 15 s" />
    </article>
  );
}

function TileHead({
  app,
  name,
  place,
  state,
  word,
}: {
  readonly app: App;
  readonly name: string;
  /** Its place in the configuration. */
  readonly place: number;
  readonly state: StateWord;
  readonly word: string;
}) {
  return (
    <header>
      <span class={`swatch ${seriesClass(place)}`} aria-hidden="true" />
      <h3>
        <button
          type="button"
          class="tile-name"
          aria-haspopup="dialog"
          onClick={() => (app.ui.dialog.value = { kind: 'details', backend: name })}
        >
          {name}
        </button>
      </h3>
      <span class="state">
        <Icon name={state} />
        {word}
      </span>
    </header>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** Returns the deployments whose state differs from their backend's, such as `gpt-4o is throttled`. */
function otherStates(
  { deployments }: BackendSnapshot,
  state: BackendSnapshot['state'],
  deployment: string | undefined,
): string {
  if (deployment !== undefined) return '';
  const others = deployments.filter((one) => one.state !== state);
  const [first] = others;
  if (first === undefined) return '';
  return others.length === 1
    ? `${isolate(first.name)} is ${wordOf(first.state)}`
    : `${others.length} of ${deployments.length} deployments: ${[...new Set(others.map((one) => wordOf(one.state)))].join(', ')}`;
}

/** Its room is none for requests that another backend can take. */
function reserveText({ weight }: BackendSnapshot): string {
  return weight === 0 ? 'weight 0: only if no other can serve' : '';
}

/** Returns how much is left there, as far as that is known. */
function roomText(meter: Meter | undefined): string {
  if (meter === undefined) return '';
  const { unit, used, limit } = meter;
  return unit === 'PTU'
    ? `${formatPercent(Math.max(0, 1 - used))} of PTU left`
    : `${formatCount(Math.max(0, limit - used))} ${unit} left`;
}

/** Returns whether what is used and left there is that of others as well. */
function isShared(backend: BackendSnapshot, deployment: string | undefined): boolean {
  return deploymentsOf(backend, deployment).some(({ quotaGroup }) => quotaGroup !== undefined);
}

function QuotaMeter({
  meter: { unit, used, limit, others },
  isShared,
}: {
  readonly meter: Meter;
  readonly isShared: boolean;
}) {
  const share = Math.min(1, used / limit);
  const text =
    unit === 'PTU'
      ? `${formatPercent(used)} of PTU in use`
      : `${formatCount(used)} of ${formatCount(limit)} ${unit}${others > 0 ? `; others use ${formatCount(others)}` : ''}`;
  return (
    <div class="meter">
      <div class="meter-track" aria-hidden="true">
        <div
          class={share < HIGH_SHARE ? 'meter-used' : 'meter-used is-high'}
          style={{ width: `${share * 100}%` }}
        />
        {others > 0 && (
          <div
            class="meter-others"
            style={{
              left: `${Math.max(0, share - others / limit) * 100}%`,
              width: `${Math.min(share, others / limit) * 100}%`,
            }}
          />
        )}
      </div>
      <p class="meter-text">{isShared ? `${text}, shared` : text}</p>
    </div>
  );
}

/** Returns both in one unit if they have one, such as `348 / 604 ms`. */
function latencyText(p50Ms: number | undefined, p95Ms: number | undefined): string {
  if (p50Ms === undefined || p95Ms === undefined) return '–';
  const [low, high] = [formatLatency(p50Ms), formatLatency(p95Ms)];
  const unit = high.slice(high.lastIndexOf(' '));
  return `${low.endsWith(unit) ? low.slice(0, -unit.length) : low} / ${high}`;
}
