/** One line or layer of a chart. */
export interface Series {
  readonly name: string;
  /** A colour of `colours.ts`. */
  readonly colour: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** A shaded part of the horizontal axis. */
export interface Band {
  readonly from: number;
  readonly to: number;
}

/** One of the plots of a chart that stand below each other over the same horizontal axis. */
export interface ChartRow {
  readonly label?: string;
  readonly series: readonly Series[];
  readonly bands?: readonly Band[];
}

/** The plotted data, apart from its form. */
export interface Chart {
  readonly title: string;
  /** Its message, in a sentence. */
  readonly says: string;
  readonly xTitle: string;
  readonly yTitle: string;
  /** `stacked` columns as wide as the points are apart, `lines`, or lines with `dots`. */
  readonly kind: 'stacked' | 'lines' | 'dots';
  readonly rows: readonly ChartRow[];
}
