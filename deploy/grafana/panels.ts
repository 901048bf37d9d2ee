import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { type Colours, palette, stateColours } from './colours.ts';

/** The number of columns in Grafana's grid. */
const COLUMNS = 24;
const HEIGHT = 8;

/** The data source is chosen at the top of the dashboard, so that it can be imported anywhere. */
export const datasource = { type: 'prometheus', uid: '${datasource}' } as const;

/** The fields of every panel. */
interface Panel {
  readonly title: string;
  /** One or two sentences for the person on call. */
  readonly description: string;
  /** Its part of the row's width. */
  readonly width: 'sixth' | 'third' | 'half' | 'whole';
}

const SPANS = { sixth: COLUMNS / 6, third: COLUMNS / 3, half: COLUMNS / 2, whole: COLUMNS } as const;

interface Graph extends Panel {
  /** One of Grafana's units, see `@grafana/grafana-foundation-sdk/units`. */
  readonly unit: string;
  /** Queries by the names of their series in the legend. */
  readonly queries: Readonly<Record<string, string>>;
  readonly isStacked?: boolean;
  /** The greatest value of the axis, where values have one. */
  readonly max?: number;
  /** For series with known names; other series take their colours from their names. */
  readonly colours?: Colours;
}

/** Returns lines over time, or areas that add up. */
export function graph({
  title,
  description,
  width,
  unit,
  queries,
  isStacked = false,
  max,
  colours = {},
}: Graph) {
  const panel = new timeseries.PanelBuilder()
    .title(title)
    .description(description)
    .datasource(datasource)
    .span(SPANS[width])
    .height(HEIGHT)
    .unit(unit)
    .min(0)
    .lineWidth(isStacked ? 1 : 2)
    .fillOpacity(isStacked ? 60 : 0)
    .showPoints(common.VisibilityMode.Never)
    .colorScheme(colour(dashboard.FieldColorModeId.PaletteClassicByName))
    .legend(legend())
    .tooltip(tooltip())
    .targets(
      Object.entries(queries).map(([name, expression], place) =>
        query(expression, place).legendFormat(name).range(),
      ),
    );
  if (isStacked) panel.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal));
  if (max !== undefined) panel.max(max);
  for (const [name, fixedColor] of Object.entries(colours))
    panel.overrideByName(name, [
      { id: 'color', value: { mode: dashboard.FieldColorModeId.Fixed, fixedColor } },
    ]);
  return panel;
}

interface Figure extends Panel {
  readonly unit: string;
  readonly query: string;
  /** The value from which it is a warning, and the value from which it is bad. */
  readonly limits?: readonly [number, number];
}

/** Returns a single number with its present value, above its graph. */
export function figure({ title, description, width, unit, query: expression, limits }: Figure) {
  const steps =
    limits === undefined
      ? []
      : [palette.orange, palette.vermilion].map((color, at) => ({ color, value: limits[at] ?? null }));
  return new stat.PanelBuilder()
    .title(title)
    .description(description)
    .datasource(datasource)
    .span(SPANS[width])
    .height(HEIGHT / 2)
    .unit(unit)
    .graphMode(common.BigValueGraphMode.Area)
    .colorMode(common.BigValueColorMode.Value)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .thresholds(
      new dashboard.ThresholdsConfigBuilder()
        .mode(dashboard.ThresholdsMode.Absolute)
        .steps([{ color: limits === undefined ? palette.skyBlue : palette.green, value: null }, ...steps]),
    )
    .withTarget(query(expression).legendFormat(title).range());
}

interface Timeline extends Panel {
  /** Its values are indices in the list of states. */
  readonly query: string;
  readonly name: string;
}

/** Returns a lane for each series, with its state at each time as a word and a colour. */
export function timeline({ title, description, width, query: expression, name }: Timeline) {
  const options = Object.fromEntries(
    Object.entries(stateColours).map(([text, color], index) => [String(index), { text, color, index }]),
  );
  return new statetimeline.PanelBuilder()
    .title(title)
    .description(description)
    .datasource(datasource)
    .span(SPANS[width])
    .height(HEIGHT)
    .mergeValues(true)
    .showValue(common.VisibilityMode.Auto)
    .fillOpacity(80)
    .mappings([{ type: dashboard.MappingType.ValueToText, options }])
    .legend(legend().showLegend(false))
    .withTarget(query(expression).legendFormat(name).range());
}

interface Listing extends Panel {
  readonly unit: string;
  readonly query: string;
  /** The name of the value. */
  readonly value: string;
  /** The displayed labels, in this order. */
  readonly labels: readonly string[];
}

/** Returns a table of the present values of series. */
export function listing({ title, description, width, unit, query: expression, value, labels }: Listing) {
  const indexByName = Object.fromEntries([...labels, 'Value'].map((name, place) => [name, place]));
  return new table.PanelBuilder()
    .title(title)
    .description(description)
    .datasource(datasource)
    .span(SPANS[width])
    .height(HEIGHT)
    .overrideByName(value, [{ id: 'unit', value: unit }])
    .withTransformation({
      id: 'organize',
      options: { excludeByName: { Time: true, job: true }, indexByName, renameByName: { Value: value } },
    })
    .withTarget(query(expression).format(prometheus.PromQueryFormat.Table).instant());
}

function query(expression: string, place = 0): prometheus.DataqueryBuilder {
  const refId = String.fromCharCode('A'.charCodeAt(0) + place);
  return new prometheus.DataqueryBuilder().refId(refId).datasource(datasource).expr(expression);
}

function colour(mode: dashboard.FieldColorModeId): dashboard.FieldColorBuilder {
  return new dashboard.FieldColorBuilder().mode(mode);
}

/** A table, because names beside values can be found regardless of colour vision. */
function legend(): common.VizLegendOptionsBuilder {
  return new common.VizLegendOptionsBuilder()
    .displayMode(common.LegendDisplayMode.Table)
    .placement(common.LegendPlacement.Bottom)
    .showLegend(true)
    .calcs(['lastNotNull', 'max']);
}

function tooltip(): common.VizTooltipOptionsBuilder {
  return new common.VizTooltipOptionsBuilder()
    .mode(common.TooltipDisplayMode.Multi)
    .sort(common.SortOrder.Descending);
}
