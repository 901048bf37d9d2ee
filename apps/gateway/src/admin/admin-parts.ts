import type { Runtime } from '../proxy/runtime.ts';
import type { Reloader } from '../reload/reloader.ts';
import type { Log } from '../telemetry/log.ts';
import type { UsageHistory } from '../telemetry/usage/usage-history.ts';
import type { AdminSessions } from './admin-sessions.ts';
import type { MetricsParts } from './metrics-page.ts';
import type { LiveState, ProcessReport } from './live-state.ts';

/** Everything that the operators' endpoints work with. */
export interface AdminParts {
  readonly current: () => Runtime;
  readonly describeProcess: () => ProcessReport;
  readonly live: LiveState;
  readonly metrics: MetricsParts;
  readonly usage: UsageHistory;
  readonly sessions: AdminSessions;
  readonly reloader: Pick<Reloader, 'report' | 'reload'>;
  readonly log: Log;
}
