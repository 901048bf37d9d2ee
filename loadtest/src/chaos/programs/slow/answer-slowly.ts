import type { Chance } from '../../chance.ts';
import type { Call } from '../../peers/call.ts';
import { nameAnswer } from '../../peers/name-answer.ts';
import type { Behaviour } from '../../peers/raw-backend.ts';
import { renderAnswer, wholeAnswer } from '../../peers/render-answer.ts';
import { serveWell } from '../../peers/serve-well.ts';
import type { Stage } from '../program.ts';
import { LARGE, planBackend } from './plan-peer.ts';

const LARGE_BYTES = 12_000_000;
/** Under load each step takes longer than intended. */
const MAX_STEPS = 100;

/** Makes a backend that takes its time, for some requests longer than allowed. */
export function answerSlowly({ seed, answers }: Omit<Stage, 'port'>): Behaviour {
  return (call, moment) => {
    if (moment !== 'whole') return;
    const { kind, chance } = planBackend(seed, call.marker ?? '', call.backend, call.attempt);
    if (call.bodyStart.includes(LARGE))
      return serveWell(call, answers, chance, { padBytes: LARGE_BYTES, framing: 'length' });
    if (kind === 'quick') return serveWell(call, answers, chance);
    if (kind === 'lateHead')
      return void setTimeout(() => serveWell(call, answers, chance), chance.between(300, 1500));
    if (kind !== 'silent') drip(call, kind, answers, chance);
  };
}

/** Sends an answer little by little, perhaps without its end. */
function drip(
  call: Call,
  kind: 'dripHead' | 'dripBody' | 'stopInBody',
  answers: Stage['answers'],
  chance: Chance,
): void {
  const name = nameAnswer(call.backend);
  const isStream = call.wantsStream;
  const shape = {
    marker: call.marker ?? 'none',
    name,
    kind: isStream ? 'stream' : 'json',
    framing: isStream ? 'chunked' : 'length',
  } as const;
  const answer = renderAnswer(shape, chance);
  const isCut = kind === 'stopInBody';
  answers.send(
    name,
    isCut ? { kind: 'cut', says: 'an answer that stops within its body' } : wholeAnswer(answer),
  );
  const all = Buffer.concat([Buffer.from(answer.head, 'latin1'), answer.framed]);
  const end = isCut ? answer.head.length + chance.between(0, answer.framed.length - 1) : all.length;
  const stepMs = chance.pick([1, 3, 10]);
  const stepBytes = Math.ceil(all.length / MAX_STEPS);
  const write = (at: number): void => {
    if (call.socket.destroyed) return;
    const to = kind === 'dripHead' ? at + stepBytes : Math.max(at + stepBytes, answer.head.length);
    call.write(all.subarray(at, Math.min(to, end)));
    if (to < end) setTimeout(write, stepMs, to);
    else if (!isCut) call.finish();
  };
  write(0);
}
