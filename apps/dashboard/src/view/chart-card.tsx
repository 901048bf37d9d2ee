import { useEffect, useRef, useState } from 'preact/hooks';
import type { StateSnapshot } from '../admin-types.ts';
import { describeHistory } from '../history/describe-history.ts';
import { HISTORY_S, type RateHistory } from '../history/rate-history.ts';
import { pickSeries, type PickedSeries } from '../history/pick-series.ts';
import { anyOf, meanOf, spansOf } from '../history/spans.ts';
import { formatRate } from '../words/numbers.ts';
import { RateChart } from './rate-chart.ts';
import { otherClass, seriesClass } from './series.ts';
import type { App } from './ui-state.ts';

const MIN_WINDOW_S = 120;
const TABLE_STEP_S = 60;

/** The last minutes: a chart, the same in a sentence, and in a table. */
export function ChartCard({ app, snapshot }: { readonly app: App; readonly snapshot: StateSnapshot }) {
  const { history } = app.feed;
  const names = snapshot.backends.map(({ name }) => name);
  const windowS = Math.min(HISTORY_S, Math.max(MIN_WINDOW_S, Math.ceil(history.seenS / 60) * 60));
  const sentence = describeHistory(history, names, windowS);
  const picked = pickSeries(history, names, windowS);
  const [isTableOpen, setTableOpen] = useState(false);
  return (
    <section class="card chart-card" aria-labelledby="chart-title">
      <header class="card-header">
        <h2 id="chart-title">Requests per second by backend</h2>
        <ul class="legend">
          {picked.map(({ label, place }) => (
            <li key={label}>
              <span
                class={`swatch ${place === undefined ? otherClass : seriesClass(place)}`}
                aria-hidden="true"
              />
              {label}
            </li>
          ))}
          <li>
            <span class="swatch swatch-shade" aria-hidden="true" />
            throttled or cooling
          </li>
        </ul>
      </header>
      <Canvas
        history={history}
        picked={picked}
        names={names}
        windowS={windowS}
        sentence={sentence}
        at={snapshot.atMs}
      />
      <p class="chart-sentence">{sentence}</p>
      <details onToggle={(event) => setTableOpen(event.currentTarget.open)}>
        <summary>As a table</summary>
        {isTableOpen && <HistoryTable history={history} picked={picked} windowS={windowS} />}
      </details>
    </section>
  );
}

function Canvas({
  history,
  picked,
  names,
  windowS,
  sentence,
  at,
}: {
  readonly history: RateHistory;
  readonly picked: readonly PickedSeries[];
  readonly names: readonly string[];
  readonly windowS: number;
  readonly sentence: string;
  readonly at: number;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const chart = useRef<RateChart>(undefined);
  useEffect(() => {
    if (canvas.current === null) return undefined;
    const made = new RateChart(canvas.current);
    chart.current = made;
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const recolour = () => made.recolour();
    scheme.addEventListener('change', recolour);
    return () => {
      scheme.removeEventListener('change', recolour);
      made.destroy();
    };
  }, []);
  useEffect(() => {
    const series = picked.map((one) => ({
      name: one.label,
      place: one.place,
      rates: history.sumOf(one.names, windowS),
    }));
    const cooled = names.filter((name) => history.cooledSecondsOf(name, windowS) > 0);
    chart.current?.draw(series, spansOf(anyOf(cooled.map((name) => history.cooldownsOf(name, windowS)))));
  }, [at, windowS]);
  return (
    <div class="chart">
      <canvas ref={canvas} role="img" aria-label={`Stacked chart of requests per second. ${sentence}`}>
        {sentence}
      </canvas>
    </div>
  );
}

function HistoryTable({
  history,
  picked,
  windowS,
}: {
  readonly history: RateHistory;
  readonly picked: readonly PickedSeries[];
  readonly windowS: number;
}) {
  const rates = picked.map(({ names }) => history.sumOf(names, windowS));
  const minutes = Array.from({ length: windowS / TABLE_STEP_S }, (_, place) => place);
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Requests per second by minute">
      <table>
        <thead>
          <tr>
            <th scope="col">minutes ago</th>
            {picked.map(({ label }) => (
              <th scope="col" key={label}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {minutes.map((minute) => (
            <tr key={minute}>
              <th scope="row">{minute === 0 ? 'last' : minute}</th>
              {rates.map((all, place) => {
                const end = all.length - minute * TABLE_STEP_S;
                const mean = meanOf(all.slice(end - TABLE_STEP_S, end));
                return <td key={picked[place]?.label}>{mean === undefined ? '–' : formatRate(mean)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
