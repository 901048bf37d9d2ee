import { setTimeout as sleep } from 'node:timers/promises';
import { RawClient } from '../../peers/raw-client.ts';
import type { Stage } from '../program.ts';
import { planPeer, type PeerPlan } from './plan-peer.ts';

/** Longer than all of the gateway's own limits together. */
const PATIENCE_MS = 40_000;
/** How long a client reads nothing: longer than the gateway allows. */
const DEAF_MS = 4000;
const SIP_MS = 20;

/** Plays one client of the program `slow`. */
export async function playPeer(
  { seed, port, findings, arrivals, answers }: Stage,
  index: number,
): Promise<void> {
  const plan = planPeer(seed, index);
  const { kind, marker, bytes, atOnce, pauseMs } = plan;
  const isNeverWhole = atOnce < bytes.length && pauseMs === undefined;
  // A backend receives the beginning of an upload.
  arrivals.send(marker);
  const client = new RawClient(port);
  await send(client, plan);
  if (kind === 'neverRead') await stayDeaf(client);
  if (kind === 'readSlowly') sip(client);
  // A client that has its answer, or is cut off, leaves.
  await client.until(() => client.answers.length > 0, PATIENCE_MS);
  const [answer] = client.answers;
  if (client.state === 'open' && answer === undefined)
    findings.add(
      'answered',
      `${kind} gets no whole answer, only ${client.socket.bytesRead} bytes, and is not cut off either`,
      index,
    );
  client.leave('fin');
  if (client.trouble !== undefined) findings.add('well-formed', client.trouble, index);
  const [seen] = client.answers;
  if (seen === undefined) return;
  answers.see(seen, { caseIndex: index, marker });
  if (isNeverWhole && seen.status < 400 && kind !== 'stopInUpload')
    findings.add('order', `a request that was never whole is answered with ${seen.status}`, index);
}

async function send(client: RawClient, { bytes, atOnce, pauseMs }: PeerPlan): Promise<void> {
  if (atOnce > 0) client.write(bytes.subarray(0, atOnce));
  if (pauseMs === undefined) return;
  for (let at = atOnce; at < bytes.length && client.state === 'open' && client.answers.length === 0; at++) {
    await sleep(pauseMs);
    client.write(bytes.subarray(at, at + 1));
  }
}

/** Reads nothing for a while. */
async function stayDeaf({ socket }: RawClient): Promise<void> {
  socket.pause();
  await sleep(DEAF_MS);
  socket.resume();
}

/** Reads now and then, a little at a time. */
function sip({ socket }: RawClient): void {
  socket.on('data', () => {
    socket.pause();
    setTimeout(() => socket.resume(), SIP_MS);
  });
}
