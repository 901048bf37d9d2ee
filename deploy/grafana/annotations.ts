import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { palette } from './colours.ts';
import { datasource } from './panels.ts';
import { series } from './queries.ts';

/** How many seconds after its start a process is marked; longer than the usual time between two scrapes. */
const YOUNG_S = 120;

/** The marks in all graphs: the times of cooldowns, and possible changes. */
export const annotations = [
  new dashboard.AnnotationQueryBuilder()
    .name('Cooldowns')
    .datasource(datasource)
    .enable(true)
    .iconColor(palette.orange)
    .expr(`max by (backend, state) (${series('spillway_backend_state', 'state=~"throttled|cooling"')}) == 1`)
    .titleFormat('{{backend}}')
    .textFormat('{{state}}'),
  new dashboard.AnnotationQueryBuilder()
    .name('Starts')
    .datasource(datasource)
    .enable(true)
    .iconColor(palette.blue)
    .expr(`(time() - ${series('process_start_time_seconds')}) < ${YOUNG_S}`)
    .titleFormat('{{instance}}')
    .textFormat('started'),
];
