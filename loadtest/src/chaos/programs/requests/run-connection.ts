import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { ECHO } from '../../evidence/answers.ts';
import type { Arrivals } from '../../evidence/arrivals.ts';
import { findMarkers } from '../../marker.ts';
import { RawClient } from '../../peers/raw-client.ts';
import type { Stage } from '../program.ts';
import { planConnection, type ConnectionPlan } from './plan-connection.ts';

/** A client that has sent complete requests gets answers, or sees the connection end, within this time. */
const ANSWER_LIMIT_MS = 30_000;
/** Where nobody can say how many answers there will be. */
const QUIET_MS = 150;

/** Plays one client of the program `requests`. */
export async function runConnection(stage: Stage, index: number): Promise<void> {
  const plan = planConnection(stage.seed, index);
  register(plan, stage.arrivals);
  const client = new RawClient(stage.port, {
    isToHead: (i) => !plan.isMutated && plan.pieces[i]?.isToHead === true,
  });
  for (const [i, fragment] of plan.fragments.slice(0, plan.written).entries()) {
    const pauseMs = plan.pausesMs[i] ?? 0;
    if (pauseMs > 0) await sleep(pauseMs);
    else if (i > 0) await turn();
    if (!client.write(fragment)) break;
  }
  if (plan.leaving === 'read') await readToEnd(client, plan, stage, index);
  else await leave(client, plan);
  judge(client, plan, stage, index);
}

function register({ pieces, isMutated }: ConnectionPlan, arrivals: Arrivals): void {
  if (isMutated) arrivals.mayBeUnmarked = true;
  let isOver = false;
  for (const { marker, fate, kind, createsObject } of pieces) {
    const isNone = isOver || fate === 'refused' || fate === 'truncated';
    if (isMutated || !isNone) arrivals.send(marker, createsObject);
    else
      arrivals.forbid(
        marker,
        isOver ? 'a request where none can follow' : `a request to be refused (${kind})`,
      );
    isOver ||= fate === 'refused' || fate === 'takes-over';
  }
}

async function leave(client: RawClient, { leaving, lingerMs }: ConnectionPlan): Promise<void> {
  if (lingerMs > 0) await sleep(lingerMs);
  if (leaving === 'half-close') {
    client.socket.end();
    await client.quiet(QUIET_MS);
  }
  client.leave(leaving === 'reset' ? 'reset' : 'fin');
}

async function readToEnd(
  client: RawClient,
  plan: ConnectionPlan,
  { findings }: Stage,
  index: number,
): Promise<void> {
  const { pieces, isMutated } = plan;
  const isOpenEnded = pieces.some(({ fate }) => fate === 'takes-over' || fate === 'truncated');
  if (isMutated || isOpenEnded) {
    await client.quiet(QUIET_MS);
  } else {
    const hasAll = () => client.answers.length >= pieces.length;
    const isAnswered = await client.until(hasAll, ANSWER_LIMIT_MS);
    const mayEnd = pieces.some(({ fate }) => fate === 'ends' || fate === 'refused');
    const { state, answers } = client;
    // An answer that a backend has cut ends the connection too.
    const isCut = answers.at(-1)?.isWhole === false;
    if (!isAnswered && (state === 'open' || !(mayEnd || isCut)))
      findings.add(
        'answered',
        `${answers.length} of ${pieces.length} requests have an answer, ${client.reader.isWithinAnswer ? 'and another has begun' : 'and no other has begun'}; the connection: ${state}`,
        index,
      );
  }
  client.leave('fin');
}

function judge(client: RawClient, plan: ConnectionPlan, { findings, answers }: Stage, index: number): void {
  if (client.trouble !== undefined) findings.add('well-formed', client.trouble, index);
  for (const [i, answer] of client.answers.entries()) {
    const piece = plan.isMutated ? undefined : plan.pieces[i];
    answers.see(answer, { caseIndex: index, marker: piece?.marker, isToHead: piece?.isToHead === true });
  }
  if (!plan.isMutated) return;
  const sent = findMarkers(Buffer.concat(plan.fragments).toString('latin1'));
  const echoes = client.answers.flatMap(({ headers }) => findMarkers(headers.get(ECHO) ?? ''));
  if (!isWithin(echoes, sent)) findings.add('order', `the answers are to ${echoes.join(', ')}`, index);
}

/** Whether all of these occur in a list, in this order. */
function isWithin(parts: readonly string[], list: readonly string[]): boolean {
  let at = 0;
  for (const part of parts) {
    const found = list.indexOf(part, at);
    if (found === -1) return false;
    at = found + 1;
  }
  return true;
}
