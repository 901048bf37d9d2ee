const HEIGHT = 28;

/** The last minute of a rate, without numbers: the tile has them. */
export function Sparkline({ rates }: { readonly rates: readonly number[] }) {
  const max = Math.max(1, ...rates.filter((rate) => !Number.isNaN(rate)));
  const points = rates
    .map((rate, place) => ({ x: place, y: HEIGHT - 1 - (rate / max) * (HEIGHT - 3) }))
    .filter(({ y }) => !Number.isNaN(y));
  const line = points.map(({ x, y }) => `${x},${y.toFixed(1)}`).join(' ');
  const [first] = points;
  const last = points.at(-1);
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${rates.length - 1} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      {first !== undefined && last !== undefined && (
        <>
          <polygon points={`${first.x},${HEIGHT} ${line} ${last.x},${HEIGHT}`} />
          <polyline points={line} vector-effect="non-scaling-stroke" />
        </>
      )}
    </svg>
  );
}
