import { Chance } from '../../chance.ts';
import type { Answers } from '../../evidence/answers.ts';
import type { Call } from '../../peers/call.ts';
import { cutAnswer } from '../../peers/cut-answer.ts';
import { serveWell } from '../../peers/serve-well.ts';
import type { Program } from '../program.ts';
import { usualSettings, usualTimeouts } from '../settings.ts';
import { describeConnection } from './plan-connection.ts';
import { runConnection } from './run-connection.ts';
import { REPLAY_BYTES } from './whole-pieces.ts';

/** Clients that send all kinds of requests, one behind the other, and leave at any moment. */
export const requests: Program = {
  name: 'requests',
  shows: 'mutated requests, pipelined, with upgrades',
  count: 10_000,
  unit: 'connections',
  together: 50,
  limitMs: 240_000,
  backends: [
    { name: 'a', priority: 1 },
    { name: 'b', priority: 1 },
  ],
  settings: { ...usualSettings, timeouts: usualTimeouts, limits: { replayBytes: REPLAY_BYTES } },
  behaviourOf:
    ({ seed, answers }) =>
    (call, moment) => {
      if (moment === 'whole')
        serve(call, answers, new Chance(seed, call.marker ?? '', call.backend, call.attempt));
    },
  runCase: runConnection,
  describeCase: describeConnection,
};

function serve(call: Call, answers: Answers, chance: Chance): void {
  if (call.isUpgrade) return openSession(call);
  const answer = () => {
    if (chance.is(0.02)) cutAnswer(call, answers, chance);
    else serveWell(call, answers, chance, { padBytes: chance.is(0.05) ? chance.between(1, 60_000) : 0 });
  };
  if (chance.is(0.5)) answer();
  else setTimeout(answer, chance.between(0, 12));
}

/** A session that echoes everything it receives. */
function openSession(call: Call): void {
  call.onTunnel = (bytes) => call.write(bytes);
  call.onEnd = () => call.close();
  call.write(
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
  );
}
