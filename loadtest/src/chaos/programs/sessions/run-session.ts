import { setTimeout as sleep } from 'node:timers/promises';
import { makeMarker } from '../../marker.ts';
import { head, octets } from '../../peers/piece.ts';
import { RawClient } from '../../peers/raw-client.ts';
import type { Stage } from '../program.ts';
import { CLOSE_FRAME, Pattern, PatternReader } from './pattern.ts';
import { planClient, type ClientPlan } from './plan-session.ts';
import { playSide } from './play-side.ts';
import type { SessionLedger } from './session-ledger.ts';

/** The gateway ends every idle session sooner. */
const SESSION_LIMIT_MS = 30_000;
/** A client that leaves halfway stays this long to see what comes. */
const HALF_CLOSED_MS = 100;
const UPGRADE = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

/** Plays one client of the program `sessions`. */
export async function runSession(stage: Stage, index: number, ledger: SessionLedger): Promise<void> {
  const plan = planClient(stage.seed, index);
  const marker = makeMarker(index, 0);
  stage.arrivals.send(marker);
  const seen = new PatternReader(marker, 'backend');
  const client = new RawClient(stage.port, { onTunnel: (bytes) => seen.push(bytes) });
  const sent = new Pattern(marker, 'client');
  const line = `GET /openai/realtime?deployment=gpt-realtime&chaos=${marker} HTTP/1.1`;
  client.write(Buffer.concat([octets(head(line, marker, ...UPGRADE)), sent.next(plan.earlyBytes)]));
  const leaving = plan.leavesAfterMs === undefined ? undefined : sleep(plan.leavesAfterMs);
  const played = play(client, plan, sent);
  await (leaving === undefined ? played : Promise.race([leaving, played]));
  const hasStayed = await leave(client, plan, leaving !== undefined);
  judge(client, { stage, index, marker, seen, hasStayed, ledger });
}

/** Waits for the answer, plays the session, and stays until it is over. */
async function play(client: RawClient, plan: ClientPlan, sent: Pattern): Promise<void> {
  await client.until(() => client.answers.length > 0, SESSION_LIMIT_MS);
  if (client.answers[0]?.status !== 101) return;
  if (plan.side.isDeaf) client.socket.pause();
  const side = {
    isOpen: () => client.state === 'open',
    write: (bytes: Buffer) => void client.write(bytes),
    end: (how: 'fin' | 'reset') => (how === 'fin' ? client.socket.end() : client.leave('reset')),
  };
  const ending = await playSide(side, plan.side, sent);
  if (ending !== 'wait')
    await client.until(() => false, plan.side.isDeaf ? HALF_CLOSED_MS : SESSION_LIMIT_MS);
  else if (!plan.side.isDeaf) await client.until(() => false, SESSION_LIMIT_MS);
}

/** Ends the connection. Resolves with whether the gateway had done so before. */
async function leave(
  client: RawClient,
  { leaving, leavesAfterMs, side }: ClientPlan,
  isEarly: boolean,
): Promise<boolean> {
  const hasStayed =
    client.state === 'fin' && leavesAfterMs === undefined && side.ending === 'wait' && !side.isDeaf;
  if (isEarly && leaving === 'half-close' && client.state === 'open') {
    client.socket.end();
    await client.until(() => false, HALF_CLOSED_MS);
  }
  client.leave(leaving === 'reset' ? 'reset' : 'fin');
  return hasStayed;
}

interface Seen {
  readonly stage: Stage;
  readonly index: number;
  readonly marker: string;
  readonly seen: PatternReader;
  /** Whether the client has neither left nor ended its half. */
  readonly hasStayed: boolean;
  readonly ledger: SessionLedger;
}

function judge(client: RawClient, { stage, index, marker, seen, hasStayed, ledger }: Seen): void {
  const { findings, answers } = stage;
  if (client.trouble !== undefined) findings.add('well-formed', client.trouble, index);
  const [answer] = client.answers;
  if (answer !== undefined) answers.see(answer, { caseIndex: index, marker });
  if (!seen.isRight)
    findings.add(
      'truncation',
      `the client got other bytes than its backend sent, within the last of ${seen.bytes}`,
      index,
    );
  const session = ledger.take(marker);
  if (!hasStayed || answer?.status !== 101 || session?.hasEndedWell !== true) return;
  const frameBytes = session.hasSentCloseFrame ? CLOSE_FRAME.length : 0;
  if (seen.bytes !== session.bytesSent || seen.frameBytes !== frameBytes)
    findings.add(
      'truncation',
      `${session.backend} sent ${session.bytesSent} bytes and ${frameBytes} of a close frame, and ended in good order; the client saw ${seen.bytes} and ${seen.frameBytes}`,
      index,
    );
}
