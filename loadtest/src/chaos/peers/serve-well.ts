import type { Chance } from '../chance.ts';
import type { Answers } from '../evidence/answers.ts';
import type { Call } from './call.ts';
import { nameAnswer } from './name-answer.ts';
import { renderAnswer, wholeAnswer, type AnswerShape } from './render-answer.ts';

/** Answers a complete request as a good backend does. */
export function serveWell(
  call: Call,
  answers: Answers,
  chance: Chance,
  shape: Partial<AnswerShape> = {},
): void {
  const name = nameAnswer(call.backend);
  const kind = call.wantsStream ? 'stream' : 'json';
  const framing = kind === 'stream' || chance.is(0.3) ? 'chunked' : 'length';
  const answer = renderAnswer({ marker: call.marker ?? 'none', name, kind, framing, ...shape }, chance);
  answers.send(name, wholeAnswer(answer));
  call.write(
    call.method === 'HEAD' ? answer.head : Buffer.concat([Buffer.from(answer.head, 'latin1'), answer.framed]),
  );
  if (shape.framing === 'close') call.close();
  call.finish();
}
