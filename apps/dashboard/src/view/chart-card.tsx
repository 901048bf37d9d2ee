import { useEffect, useRef } from 'preact/hooks';
import type { StateSnapshot } from '../admin-types.ts';
import { describeHistory } from '../history/describe-history.ts';
import { HISTORY_S, type RateHistory } from '../history/rate-history.ts';
import { anyOf, meanOf, spansOf } from '../history/spans.ts';
import { formatRate } from '../words/numbers.ts';
import { RateChart } from './rate-chart.ts';
import { seriesClass } from './series.ts';
import type { App } from './ui-state.ts';

const MIN_WINDOW_S = 120;
const TABLE_STEP_S = 60;

/** The last minutes: a chart, the same in a sentence, and in a table. */
export function ChartCard({ app, snapshot }: { readonly app: App; readonly snapshot: StateSnapshot }) {
  const { history } = app.feed;
  const names = snapshot.backends.map(({ name }) => name);
  const windowS = Math.min(HISTORY_S, Math.max(MIN_WINDOW_S, Math.ceil(history.seenS / 60) * 60));
  const sentence = describeHistory(history, names, windowS);
  return (
    <section class="card chart-card" aria-labelledby="chart-title">
      <header class="card-header">
        <h2 id="chart-title">Requests per second by backend</h2>
        <ul class="legend">
          {names.map((name, place) => (
            <li key={name}>
              <span class={`swatch ${seriesClass(place)}`} aria-hidden="true" />
              {name}
            </li>
          ))}
          <li>
            <span class="swatch swatch-shade" aria-hidden="true" />
            throttled or cooling
          </li>
        </ul>
      </header>
      <Canvas history={history} names={names} windowS={windowS} sentence={sentence} at={snapshot.atMs} />
      <p class="chart-sentence">{sentence}</p>
      <details>
        <summary>As a table</summary>
        <HistoryTable history={history} names={names} windowS={windowS} />
      </details>
    </section>
  );
}

function Canvas({
  history,
  names,
  windowS,
  sentence,
  at,
}: {
  readonly history: RateHistory;
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
    const series = names.map((name) => ({ name, rates: history.ratesOf(name, windowS) }));
    chart.current?.draw(series, spansOf(anyOf(names.map((name) => history.cooldownsOf(name, windowS)))));
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
  names,
  windowS,
}: {
  readonly history: RateHistory;
  readonly names: readonly string[];
  readonly windowS: number;
}) {
  const rates = names.map((name) => history.ratesOf(name, windowS));
  const minutes = Array.from({ length: windowS / TABLE_STEP_S }, (_, place) => place);
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Requests per second by minute">
      <table>
        <thead>
          <tr>
            <th scope="col">minutes ago</th>
            {names.map((name) => (
              <th scope="col" key={name}>
                {name}
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
                return <td key={names[place]}>{mean === undefined ? '–' : formatRate(mean)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
