import type { Findings } from './findings.ts';
import type { GatewayReport, ProcessHoldings } from './gateway-probe.ts';

/** The resources of the gateway and its backends at one moment. */
export interface Moment {
  readonly report: GatewayReport;
  readonly holdings: ProcessHoldings;
  /** The open connections at the backends, and those with something under way. */
  readonly openAtBackends: number;
  readonly busyAtBackends: readonly string[];
}

/** Descriptors that may come and go beside connections, such as those of files being read. */
const SPARE_DESCRIPTORS = 4;
const MEGABYTE = 1_048_576;
/** V8 keeps its memory for a while, and twice 16 MB of the young generation are there from the start. */
const MAX_GROWTH_MB = 200;

/** Adds every difference from `before`, now that all clients have left. */
export function judgeHoldings(before: Moment, after: Moment, findings: Findings): void {
  const { process, backends } = after.report;
  const idle: Readonly<Record<string, number>> = {
    'process.inFlight': process.inFlight,
    'process.keptBytes': process.keptBytes,
    'process.escapedErrors': process.escapedErrors,
    'process.droppedLogLines': process.droppedLogLines,
    'process.connections': process.connections,
    ...Object.fromEntries(backends.map(({ name, inFlight }) => [`inFlight of ${name}`, inFlight])),
  };
  for (const [name, value] of Object.entries(idle))
    if (value !== 0) findings.add('idle', `${name} is ${value}`);
  if (after.busyAtBackends.length > 0)
    findings.add(
      'idle',
      `${after.busyAtBackends.length} connections to backends are busy, such as that of ${after.busyAtBackends[0]}`,
    );
  const descriptors = ownDescriptors(after) - ownDescriptors(before);
  if (descriptors > SPARE_DESCRIPTORS)
    findings.add(
      'resources',
      `there are ${descriptors} descriptors more than before, connections to backends not counted`,
    );
  const grownMb = (after.holdings.residentBytes - before.holdings.residentBytes) / MEGABYTE;
  if (grownMb > MAX_GROWTH_MB)
    findings.add(
      'resources',
      `the gateway has grown by ${grownMb.toFixed(0)} MB, more than ${MAX_GROWTH_MB} MB`,
    );
}

function ownDescriptors({ holdings, openAtBackends }: Moment): number {
  return holdings.descriptors - openAtBackends;
}
