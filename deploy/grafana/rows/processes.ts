import * as units from '@grafana/grafana-foundation-sdk/units';
import { graph, listing } from '../panels.ts';
import { greatest, rate, series, sumRate } from '../queries.ts';
import type { Row } from './row.ts';

const increase = (metric: string) => `sum(increase(${series(metric)}[$__rate_interval]))`;

export const processes: Row = {
  title: 'How are the processes?',
  panels: [
    listing({
      title: 'Running gateways',
      description: 'Each process with its version, and the time since its start.',
      width: 'third',
      unit: units.Seconds,
      query: `(time() - ${series('process_start_time_seconds')}) * on (job, instance) group_left (version, node) ${series('spillway_build_info')}`,
      value: 'up for',
      labels: ['instance', 'version', 'node'],
    }),
    graph({
      title: 'CPU',
      description: 'CPU time per second of each process; one process hardly uses more than one core.',
      width: 'third',
      unit: units.Short,
      queries: { '{{instance}}': rate('process_cpu_seconds_total') },
    }),
    graph({
      title: 'Memory',
      description:
        'Memory of each process beside what it may use. Beyond nine tenths of that, requests get a 503.',
      width: 'third',
      unit: units.BytesIEC,
      queries: {
        '{{instance}}': greatest('process_resident_memory_bytes', 'instance'),
        '{{instance}} heap': greatest('nodejs_heap_size_used_bytes', 'instance'),
        '{{instance}} bodies': greatest('spillway_kept_bytes', 'instance'),
        '{{instance}} limit': greatest('spillway_memory_limit_bytes', 'instance'),
      },
    }),
    graph({
      title: 'Connections and requests',
      description: 'Open connections of clients, and requests and sessions under way.',
      width: 'half',
      unit: units.Short,
      queries: {
        '{{instance}} connections': greatest('spillway_connections', 'instance'),
        '{{instance}} under way': greatest('spillway_in_flight_requests', 'instance'),
      },
    }),
    graph({
      title: 'Reloads of the configuration, per second',
      description: 'Files that were applied, or refused because they were wrong.',
      width: 'half',
      unit: units.Short,
      queries: { '{{result}}': sumRate('spillway_config_reloads_total', 'result') },
    }),
    graph({
      title: 'Age of the configuration',
      description: 'Since the one in effect was read.',
      width: 'half',
      unit: units.Seconds,
      queries: {
        '{{instance}}': `time() - ${greatest('spillway_config_last_reload_success_timestamp_seconds', 'instance')}`,
      },
    }),
    graph({
      title: 'What should never happen',
      description:
        'Errors that no code caught, log lines that were lost because nobody read them, series that were not made because there were too many, and spans that no receiver took.',
      width: 'half',
      unit: units.Short,
      queries: {
        'escaped errors': increase('spillway_escaped_errors_total'),
        'dropped log lines': increase('spillway_dropped_log_lines_total'),
        'dropped series': increase('spillway_dropped_series_total'),
        'dropped spans': increase('spillway_dropped_spans_total'),
      },
    }),
  ],
};
