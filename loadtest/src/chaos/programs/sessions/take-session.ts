import { Chance } from '../../chance.ts';
import { caseOf } from '../../marker.ts';
import type { Call } from '../../peers/call.ts';
import type { Behaviour } from '../../peers/raw-backend.ts';
import { serveWell } from '../../peers/serve-well.ts';
import type { Stage } from '../program.ts';
import { Pattern, PatternReader } from './pattern.ts';
import { planBackend, type SidePlan } from './plan-session.ts';
import { playSide } from './play-side.ts';
import type { SessionLedger } from './session-ledger.ts';

const HEAD =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n';
const REFUSALS = [
  '400 Bad Request',
  '401 Unauthorized',
  '404 Not Found',
  '429 Too Many Requests',
  '500 Internal Server Error',
  '200 OK',
];

/** Makes a backend that accepts sessions and ends them in every way, or refuses them. */
export function takeSessions(
  { seed, findings, answers }: Omit<Stage, 'port'>,
  ledger: SessionLedger,
): Behaviour {
  return (call, moment) => {
    const marker = call.marker ?? '';
    if (moment !== 'whole') return;
    if (!call.isUpgrade) return serveWell(call, answers, new Chance(seed, marker));
    const { opening, side } = planBackend(seed, marker, call.backend, call.attempt);
    const open = () =>
      openSession(call, side, ledger, (text) => findings.add('truncation', text, caseOf(marker)));
    if (opening === 'accept') open();
    else if (opening === 'late') setTimeout(open, 30);
    else if (opening === 'refuse') refuse(call, new Chance(seed, 'refusal', marker));
    else if (opening === 'close') call.close();
    else setTimeout(() => call.reset(), opening === 'hang' ? 50 : 0);
  };
}

function refuse(call: Call, chance: Chance): void {
  const body = '{"error":{"code":"no","message":"No session."}}';
  call.write(
    `HTTP/1.1 ${chance.pick(REFUSALS)}\r\nretry-after-ms: 5\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  call.finish();
}

function openSession(
  call: Call,
  plan: SidePlan,
  ledger: SessionLedger,
  onWrong: (text: string) => void,
): void {
  const marker = call.marker ?? '';
  const { socket } = call;
  if (socket.destroyed) return;
  const seen = new PatternReader(marker, 'client');
  const sent = new Pattern(marker, 'backend');
  const session = ledger.open(marker, call.backend);
  call.onTunnel = (bytes) => {
    if (!seen.isRight) return;
    seen.push(bytes);
    if (!seen.isRight)
      onWrong(
        `backend ${call.backend} got other bytes than the client of ${marker} sent, within the last ${bytes.length} of ${seen.bytes}`,
      );
  };
  call.onEnd = () => call.close();
  call.write(HEAD);
  if (plan.isDeaf) socket.pause();
  const side = {
    isOpen: () => !socket.destroyed && !socket.writableEnded,
    write: (bytes: Buffer) => call.write(bytes),
    end: (how: 'fin' | 'reset') => (how === 'fin' ? call.close() : call.reset()),
  };
  void play();

  async function play(): Promise<void> {
    const ending = await playSide(side, plan, sent);
    session.bytesSent = sent.bytes;
    session.hasSentCloseFrame = ending === 'close-frame';
    session.hasEndedWell = !plan.isDeaf && (ending === 'close-frame' || ending === 'fin');
  }
}
