import { Chance } from '../../chance.ts';
import type { Call } from '../../peers/call.ts';
import { cutAnswer } from '../../peers/cut-answer.ts';
import type { Behaviour } from '../../peers/raw-backend.ts';
import { serveWell } from '../../peers/serve-well.ts';
import type { Stage } from '../program.ts';

/** A backend's possible actions once the head has come; most wait for the whole request. */
const atHead = { wait: 94, throttleEarly: 2, failEarly: 1, resetEarly: 2, closeEarly: 1 } as const;
/** Its possible actions once the request is complete. */
const whenWhole = {
  serve: 82,
  throttle: 4,
  fail: 2,
  reset: 2,
  close: 1,
  hang: 2,
  cut: 3,
  large: 3,
  late: 1,
} as const;

/** Makes a backend that now and then misbehaves as backends do on a bad day. */
export function actUp({ seed, answers }: Omit<Stage, 'port'>): Behaviour {
  return (call, moment) => {
    const chance = new Chance(seed, moment, call.marker ?? '', call.backend, call.attempt);
    if (moment === 'head') beginBadly(call, chance);
    else if (call.decision === 'wait') goOn(call, chance, answers);
  };
}

function beginBadly(call: Call, chance: Chance): void {
  const decision = chance.weigh(atHead);
  call.decision = decision;
  if (decision === 'throttleEarly') throttle(call, chance);
  else if (decision === 'failEarly') fail(call);
  else if (decision === 'resetEarly') call.reset();
  else if (decision === 'closeEarly') call.close();
}

function goOn(call: Call, chance: Chance, answers: Stage['answers']): void {
  switch (chance.weigh(whenWhole)) {
    case 'serve':
      return serveWell(call, answers, chance);
    case 'late':
      return void setTimeout(() => serveWell(call, answers, chance), chance.between(1, 100));
    case 'large':
      return serveWell(call, answers, chance, { padBytes: chance.between(50_000, 400_000) });
    case 'throttle':
      return throttle(call, chance);
    case 'fail':
      return fail(call);
    case 'reset':
      return call.reset();
    case 'close':
      return call.close();
    case 'hang':
      return void setTimeout(() => call.reset(), chance.between(5, 80));
    case 'cut':
      return cutAnswer(call, answers, chance);
  }
}

function throttle(call: Call, chance: Chance): void {
  call.isRefused = true;
  const body = '{"error":{"code":"429","message":"Too many requests."}}';
  const pause = `retry-after-ms: ${chance.between(1, 30)}`;
  call.write(`HTTP/1.1 429 Too Many Requests\r\n${pause}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  call.finish();
}

function fail(call: Call): void {
  const body = '{"error":{"code":"server_error","message":"Something went wrong."}}';
  call.write(`HTTP/1.1 500 Internal Server Error\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  call.finish();
}
