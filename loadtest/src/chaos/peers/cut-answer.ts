import type { Chance } from '../chance.ts';
import type { Answers } from '../evidence/answers.ts';
import type { Call } from './call.ts';
import { nameAnswer } from './name-answer.ts';
import { DONE, renderAnswer } from './render-answer.ts';

/**
 * Begins a good answer and ends the connection before its end, so that its framing shows the cut; or ends a stream
 * correctly as HTTP, but without its last event.
 */
export function cutAnswer(call: Call, answers: Answers, chance: Chance): void {
  const name = nameAnswer(call.backend);
  const kind = call.wantsStream ? 'stream' : 'json';
  const framing = kind === 'stream' || chance.is(0.5) ? 'chunked' : 'length';
  const padBytes = chance.is(0.3) ? chance.between(1, 30_000) : 0;
  const { head, body, framed } = renderAnswer(
    { marker: call.marker ?? 'none', name, kind, framing, padBytes },
    chance,
  );
  // If an event is too long to be kept, the gateway cannot say whether it was the last.
  if (kind === 'stream' && padBytes === 0 && chance.is(0.3)) {
    // Clients treat a complete event with its `finish_reason` as the end, whether `[DONE]` follows or not.
    const part = body.subarray(0, chance.between(0, body.length - DONE.length - '}\n\n'.length));
    answers.send(name, { kind: 'cut', says: `a stream without its end, ${part.length} bytes` });
    call.write(
      `${head}${part.length > 0 ? `${part.length.toString(16)}\r\n${part.toString('latin1')}\r\n` : ''}0\r\n\r\n`,
    );
    call.finish();
    return;
  }
  const length = chance.between(0, framed.length - 1);
  const way = chance.pick(['fin', 'reset'] as const);
  answers.send(name, { kind: 'cut', says: `${length} of ${framed.length} bytes (${framing}), then ${way}` });
  call.write(head);
  call.write(framed.subarray(0, length));
  // A reset overtakes bytes written before it.
  if (way === 'fin') call.close();
  else setTimeout(() => call.reset(), chance.between(0, 10));
}
