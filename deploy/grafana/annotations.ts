import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { palette } from './colours.ts';
import { datasource } from './panels.ts';
import { series } from './queries.ts';

/** Seconds after its start for which a process is marked; longer than the usual time between two scrapes. */
const YOUNG_S = 120;

/** What is marked in all graphs: the times in which something rests, and what may have changed. */
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
