import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { annotations } from './annotations.ts';
import { backends } from './rows/backends.ts';
import { callers } from './rows/callers.ts';
import { clients } from './rows/clients.ts';
import { overhead } from './rows/overhead.ts';
import { processes } from './rows/processes.ts';
import { room } from './rows/room.ts';
import { tokens } from './rows/tokens.ts';
import { traffic } from './rows/traffic.ts';
import { variables } from './variables.ts';

/** Its rows are the questions of somebody on call, in the order in which they are asked. */
const rows = [clients, traffic, backends, room, overhead, tokens, callers, processes];

/** Returns the dashboard as Grafana imports it. */
export function buildDashboard(): dashboard.Dashboard {
  const built = new dashboard.DashboardBuilder('Spillway')
    .uid('spillway')
    .description(
      'Are clients hurt, where does the traffic go, and how much room is left? For the gateway’s own metrics.',
    )
    .tags(['spillway', 'azure-openai'])
    .editable()
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .timezone('browser')
    .variables(variables)
    .annotations(annotations);
  for (const { title, panels } of rows) {
    built.withRow(new dashboard.RowBuilder(title));
    for (const panel of panels) built.withPanel(panel);
  }
  const { panels = [], ...rest } = built.build();
  return { ...rest, panels: panels.map((panel, place) => ({ ...panel, id: place + 1 })) };
}
