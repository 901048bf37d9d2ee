import type { ComponentChildren } from 'preact';
import type { StateSnapshot } from '../admin-types.ts';
import { formatCount, formatLatency, formatPercent, formatRate } from '../words/numbers.ts';

/** The numbers beside the verdict. */
export function Stats({ snapshot }: { readonly snapshot: StateSnapshot }) {
  const { totals, process } = snapshot;
  const brokenOff = totals.clientBrokenOff ?? 0;
  const byBudget = totals.overBudget?.client429s ?? 0;
  const waiting =
    process.waiting && process.waiting.interactive + process.waiting.standard + process.waiting.batch;
  return (
    <dl class="stats">
      <Stat name="Requests" unit="/s" value={formatRate(totals.requestsPerSecond)} note="in 10 s" />
      <Stat
        name="Tokens"
        unit="/min"
        value={formatCount(totals.tokensPerMinute)}
        note={limitsText(totals.ofKnownLimits)}
      />
      <Stat
        name="Clients’ 429s"
        value={formatCount(totals.client429s)}
        note={byBudget > 0 ? `in 5 min, ${formatCount(byBudget)} by budget` : 'in 5 min'}
        isBad={totals.client429s > byBudget}
      />
      <Stat
        name="Clients’ 5xx"
        value={formatCount(totals.client5xx)}
        note={brokenOff > 0 ? `in 5 min, ${formatCount(brokenOff)} broken off` : 'in 5 min'}
        isBad={totals.client5xx + brokenOff > 0}
      />
      <Stat name="Added latency" value={latencyText(totals.overheadP99Ms)} note="99th percentile" />
      <Stat name="First byte" value={latencyText(totals.firstByteP95Ms)} note="95th percentile" />
      <Stat
        name="In flight"
        value={formatCount(process.inFlight)}
        note={waiting === undefined ? '' : `${waiting} waiting`}
      />
    </dl>
  );
}

function limitsText(known: StateSnapshot['totals']['ofKnownLimits']): string {
  if (known === undefined) return '';
  const { tokensPerMinute, limitTokens } = known;
  return `${formatPercent(tokensPerMinute / limitTokens)} of ${formatCount(limitTokens)}`;
}

function latencyText(ms: number | undefined): ComponentChildren {
  return ms === undefined ? '–' : formatLatency(ms);
}

function Stat({
  name,
  value,
  unit = '',
  note = '',
  isBad = false,
}: {
  readonly name: string;
  readonly value: ComponentChildren;
  readonly unit?: string;
  readonly note?: string;
  readonly isBad?: boolean;
}) {
  return (
    <div class={isBad ? 'stat is-bad' : 'stat'}>
      <dt>{name}</dt>
      <dd>
        <span class="stat-value">{value}</span>
        <span class="stat-unit">{unit}</span>
        {note !== '' && <span class="stat-note">{note}</span>}
      </dd>
    </div>
  );
}
