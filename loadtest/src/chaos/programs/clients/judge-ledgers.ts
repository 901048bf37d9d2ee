import type { Findings } from '../../evidence/findings.ts';
import { type AnswerLedger, MAX_OUTPUT_TOKENS, tokensOf } from './answer-ledger.ts';
import { CLIENTS } from './credentials.ts';
import type { GatewayCounts } from './gateway-counts.ts';
import type { MeteredBackend } from './metered-backend.ts';
import type { LoggedRequest, ReadLog } from './read-log.ts';
import type { Traffic } from './traffic.ts';

/** The values compared when nothing is under way. */
export interface LedgerEvidence {
  readonly ledger: AnswerLedger;
  readonly traffic: Traffic;
  readonly backends: readonly MeteredBackend[];
  readonly counts: GatewayCounts;
  readonly log: ReadLog;
  /** Tokens of the month, by client. */
  readonly months: ReadonlyMap<string, number>;
}

/**
 * A client that leaves before it got anything is charged for a usual answer, which the gateway knows to a fifth. It also
 * covers what distinguishes tokens from bytes where output was relayed in pieces.
 */
const SPARE_TOKENS = Math.ceil((MAX_OUTPUT_TOKENS + 1) * 1.2);

/** Compares the clients' usage with the gateway's counts, and with the backends' answers. */
export function judgeLedgers(evidence: LedgerEvidence, findings: Findings): void {
  for (const client of CLIENTS) judgeClient(client, evidence, findings);
  judgeAnswers(evidence, findings);
  for (const backend of evidence.backends) judgeBackend(backend, evidence, findings);
}

function judgeClient(
  client: string,
  { ledger, traffic, counts, log, months }: LedgerEvidence,
  findings: Findings,
): void {
  const lines = log.requests.filter((line) => line.client === client);
  const logged = lines.reduce((sum, { usage }) => sum + (usage === undefined ? 0 : tokensOf(usage)), 0);
  const got = traffic.gotTokens.get(client) ?? 0;
  const told = ledger.toldTo(client);
  const say = (text: string) => findings.add('ledgers', `${client}: ${text}`);
  if (got > logged || logged > told) say(`it got ${got} tokens, ${logged} are logged, ${told} were told`);
  const usage = counts.usageTokens.get(client) ?? 0;
  const metric = counts.metricTokens.get(client) ?? 0;
  if (usage !== logged || metric !== logged)
    say(`${logged} tokens are logged, /admin/usage says ${usage}, the metric ${metric}`);
  const requests = [counts.usageRequests.get(client), counts.metricRequests.get(client)];
  if (requests.some((count) => count !== lines.length))
    say(`${lines.length} requests are logged, /admin/usage and the metric say ${requests.join(' and ')}`);
  const estimated = lines.map(mostEstimated).reduce((a, b) => a + b, 0);
  const month = months.get(client) ?? Number.NaN;
  if (!(month >= logged && month <= logged + estimated))
    say(`its month has ${month} tokens, of ${logged} that were told and at most ${estimated} estimated`);
}

/** Returns the maximum charge in tokens of a request that was broken off before its usage came. */
function mostEstimated({ usage, status, ending, estimate, responseBytes, attempts }: LoggedRequest): number {
  if (usage !== undefined || attempts.length === 0) return 0;
  const mayTake = status < 300 ? ending !== 'complete' || responseBytes !== null : status === 499;
  return mayTake ? (estimate?.promptTokens ?? 0) + (responseBytes ?? 0) / 4 + SPARE_TOKENS : 0;
}

/** The log line of each complete answer has the usage that the answer itself reported. */
function judgeAnswers({ ledger, traffic, log }: LedgerEvidence, findings: Findings): void {
  const lines = new Map(log.requests.map((line) => [line.id, line]));
  for (const [id, answerId] of traffic.wholeAnswers) {
    const usage = lines.get(id)?.usage;
    const answer = ledger.find(answerId);
    const isSame =
      usage?.promptTokens === answer?.promptTokens && usage?.outputTokens === answer?.outputTokens;
    if (!isSame)
      findings.add(
        'ledgers',
        `${id}: logged is ${JSON.stringify(usage)}, told was ${JSON.stringify(answer)}`,
      );
  }
}

/** Each request that a backend received is an attempt, or a repetition within the attempt. */
function judgeBackend(
  { name, taken, resets, byStatus }: MeteredBackend,
  { counts, log }: LedgerEvidence,
  findings: Findings,
): void {
  const attempts = counts.attempts.get(name) ?? 0;
  // The client, or another attempt, may leave before everything was sent. A request that is reset on a used connection
  // may be sent again.
  const aborted = counts.attemptOutcomes.get(`${name} aborted`) ?? 0;
  const left = log.requests.filter(({ ending }) => ending !== 'complete').length;
  if (taken > attempts + resets || taken < attempts - aborted)
    findings.add(
      'ledgers',
      `${name}: it got ${taken} requests and reset ${resets}, of ${attempts} attempts, ${aborted} aborted`,
    );
  const throttled = counts.attemptOutcomes.get(`${name} throttled`) ?? 0;
  const sent = byStatus.get(429) ?? 0;
  if (throttled > sent || throttled < sent - aborted - left)
    findings.add('ledgers', `${name}: it sent ${sent} 429s, and ${throttled} attempts were throttled`);
}
