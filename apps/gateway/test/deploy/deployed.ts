import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { buildDashboard } from '../../../../deploy/grafana/dashboard.ts';

/** Returns the path of a file of the repository. */
export const inRepository = (path: string) => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));

export const rulesPath = inRepository('deploy/prometheus/spillway.rules.yml');

/** A recording or alerting rule. */
interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

const { groups } = parse(readFileSync(rulesPath, 'utf8')) as { groups: { rules: Rule[] }[] };

export const rules = groups.flatMap(({ rules }) => rules);

/** A query of the dashboard. */
export interface DashboardQuery {
  /** The panel's title. */
  readonly panel: string;
  readonly expression: string;
  /** The names of its series, with labels in double braces. */
  readonly legend: string;
}

/** The members that all panels of the dashboard share. */
export interface PanelJson {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: { readonly uid: string };
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly targets?: readonly {
    readonly refId: string;
    readonly expr: string;
    readonly legendFormat?: string;
    readonly datasource: { readonly uid: string };
  }[];
}

/** The dashboard as Grafana reads it. */
export const dashboard = JSON.parse(JSON.stringify(buildDashboard())) as {
  readonly uid: string;
  readonly panels: readonly PanelJson[];
  readonly annotations: {
    readonly list: readonly { readonly name: string; readonly expr: string; readonly titleFormat: string }[];
  };
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly query: string }[];
  };
};

export const panels = dashboard.panels.filter(({ type }) => type !== 'row');

/** All queries of the dashboard. */
export const queries: readonly DashboardQuery[] = [
  ...panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat = '' }) => ({ panel: title, expression: expr, legend: legendFormat })),
  ),
  ...dashboard.annotations.list.map(({ name, expr, titleFormat }) => ({
    panel: name,
    expression: expr,
    legend: titleFormat,
  })),
];

/** Returns a query as Grafana sends it when all gateways are selected and metrics are collected each second. */
export function filledIn(expression: string): string {
  return expression.replaceAll('$__rate_interval', '10s').replaceAll(/\$(?:job|instance)\b/g, '.*');
}
