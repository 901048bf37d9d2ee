import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { datasource } from './panels.ts';

/** The selections at the top of the dashboard. */
export const variables = [
  new dashboard.DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'),
  valuesOf('job', 'Job', 'label_values(spillway_build_info, job)'),
  valuesOf('instance', 'Gateway', 'label_values(spillway_build_info{job=~"$job"}, instance)'),
];

function valuesOf(name: string, label: string, query: string): dashboard.QueryVariableBuilder {
  return new dashboard.QueryVariableBuilder(name)
    .label(label)
    .datasource(datasource)
    .query(query)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ selected: true, text: 'All', value: '$__all' });
}
