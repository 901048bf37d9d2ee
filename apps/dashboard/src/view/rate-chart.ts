import { Chart, Filler, LinearScale, LineController, LineElement, PointElement, Tooltip } from 'chart.js';
import type { Span } from '../history/spans.ts';
import { isSecond, seriesColour } from './series.ts';

Chart.register(Filler, LinearScale, LineController, LineElement, PointElement, Tooltip);

export interface ChartSeries {
  readonly name: string;
  /** The place of its backend in the configuration; undefined for several. */
  readonly place: number | undefined;
  /** Requests per second, oldest first; NaN where there was no snapshot. */
  readonly rates: readonly number[];
}

type LineChart = Chart<'line', { x: number; y: number }[]>;

/** The one chart: requests per second by backend, stacked, with the times of cooldowns shaded. */
export class RateChart {
  readonly #chart: LineChart;
  #shaded: readonly Span[] = [];
  #seconds = 0;

  constructor(canvas: HTMLCanvasElement) {
    const shade = { id: 'shade', beforeDatasetsDraw: (chart: LineChart) => this.#drawShade(chart) };
    this.#chart = new Chart(canvas, {
      type: 'line',
      data: { datasets: [] },
      plugins: [shade],
      options: {
        animation: false,
        // Of the page, whose words are English; otherwise the browser's.
        locale: 'en',
        parsing: false,
        responsive: true,
        maintainAspectRatio: false,
        interaction: { mode: 'index', intersect: false },
        elements: { point: { radius: 0, hitRadius: 0 }, line: { borderWidth: 1.5 } },
        scales: {
          x: {
            type: 'linear',
            grid: { display: false },
            ticks: { callback: (value) => agoText(Number(value)) },
          },
          y: { stacked: true, beginAtZero: true, suggestedMax: 1, ticks: { maxTicksLimit: 5 } },
        },
        plugins: {
          tooltip: { callbacks: { title: ([item]) => agoText(item?.parsed.x ?? 0) } },
        },
      },
    });
    this.recolour();
  }

  draw(series: readonly ChartSeries[], shaded: readonly Span[]): void {
    const { datasets } = this.#chart.data;
    this.#seconds = series[0]?.rates.length ?? 0;
    this.#shaded = shaded;
    datasets.length = Math.min(datasets.length, series.length);
    for (const [index, { name, place, rates }] of series.entries()) {
      const points = rates.map((y, second) => ({ x: second + 1 - rates.length, y }));
      const known = datasets[index];
      const isDashed = place !== undefined && isSecond(place);
      const look = {
        borderColor: seriesColour(place),
        backgroundColor: `${seriesColour(place)}${isDashed ? '26' : '59'}`,
        borderDash: isDashed ? [5, 3] : [],
      };
      if (known === undefined)
        datasets.push({
          label: name,
          data: points,
          fill: index === 0 ? 'origin' : '-1',
          ...look,
        });
      else Object.assign(known, { label: name, data: points, ...look });
    }
    const { x } = this.#chart.options.scales ?? {};
    if (x !== undefined)
      Object.assign(x, {
        min: -this.#seconds,
        max: 0,
        ticks: { ...x.ticks, stepSize: tickEveryS(this.#seconds) },
      });
    this.#chart.update('none');
  }

  /** Takes the colours of the page's present scheme. */
  recolour(): void {
    const style = getComputedStyle(this.#chart.canvas);
    const { options } = this.#chart;
    options.color = style.color;
    options.font = { family: style.fontFamily, size: 12 };
    for (const scale of Object.values(options.scales ?? {}))
      Object.assign(scale as object, {
        ticks: { ...scale?.ticks, color: style.color, maxRotation: 0 },
        border: { color: style.borderColor },
        grid: { ...scale?.grid, color: style.borderColor },
      });
    this.#chart.update('none');
  }

  destroy(): void {
    this.#chart.destroy();
  }

  #drawShade({ ctx, canvas, chartArea, scales }: LineChart): void {
    const { x } = scales;
    if (x === undefined) return;
    ctx.save();
    ctx.fillStyle = getComputedStyle(canvas).outlineColor;
    for (const { from, to } of this.#shaded) {
      const left = x.getPixelForValue(from + 1 - this.#seconds);
      const right = x.getPixelForValue(Math.min(0, to + 1 - this.#seconds));
      ctx.fillRect(left, chartArea.top, Math.max(1, right - left), chartArea.height);
    }
    ctx.restore();
  }
}

/** At most six of them, at whole minutes where there are several. */
function tickEveryS(seconds: number): number {
  return seconds <= 180 ? 30 : Math.ceil(seconds / 300) * 60;
}

function agoText(second: number): string {
  if (second === 0) return 'now';
  const ago = -second;
  return ago % 60 === 0 ? `−${ago / 60} min` : `−${ago} s`;
}
