import { Chance } from '../../chance.ts';
import type { Answers } from '../../evidence/answers.ts';
import type { Call } from '../../peers/call.ts';
import { nameAnswer } from '../../peers/name-answer.ts';
import { DONE, inChunks, renderAnswer, type RenderedAnswer } from '../../peers/render-answer.ts';
import { mutations, type MutatedAnswer, type MutationName } from './mutations.ts';

/** Any status of a client's mistake, but those of a request whose client left or took too long. */
const REFUSAL = /^HTTP\/1\.1 4(?!08|44|60|99)\d\d /;
/** A model's answer that has failed is of no use to anybody. */
const FAILURE = /^HTTP\/1\.1 50[023] /;
const MAX_FOLLOWED = 4000;
const MAX_SAID = 1500;
const RESET_AFTER_MS = 5;

/** Answers a request with a good answer that has been changed in some way. */
export function answerBadly(call: Call, answers: Answers, seed: number): void {
  const chance = new Chance(seed, 'answers', call.marker ?? '', call.backend, call.attempt);
  const answer = render(call, chance);
  const kind = chance.pick(Object.keys(mutations) as MutationName[]);
  // If an event is too long to be kept, the gateway cannot say whether it was the last.
  const isCutStream = call.wantsStream && answer.body.length < MAX_FOLLOWED && chance.is(0.15);
  const mutated = isCutStream ? cutStream(answer, chance) : mutations[kind](answer, chance);
  // Nothing was produced: the gateway may ask another backend for it.
  const start = mutated.bytes.toString('latin1', 0, 20);
  call.isRefused = REFUSAL.test(start) || (FAILURE.test(start) && call.text.includes('/responses'));
  const bytes = JSON.stringify(mutated.bytes.toString('latin1').slice(0, MAX_SAID));
  answers.send(answer.name, {
    kind: mutated.sent,
    bodyBytes: mutated.body.length,
    tail: mutated.body.subarray(-512),
    says: `${isCutStream ? 'a stream without its end' : kind}, then ${mutated.next}: ${bytes}`,
  });
  send(call, mutated, chance);
}

function render(call: Call, chance: Chance): RenderedAnswer {
  const kind = call.wantsStream ? 'stream' : 'json';
  const framing = chance.pick(['length', 'chunked'] as const);
  const padBytes = chance.is(0.1) ? chance.between(1, 40_000) : 0;
  return renderAnswer(
    { marker: call.marker ?? 'none', name: nameAnswer(call.backend), kind, framing, padBytes },
    chance,
  );
}

/** A stream that ends correctly as HTTP, but before its last event. */
function cutStream({ head, body }: RenderedAnswer, chance: Chance): MutatedAnswer {
  // Clients treat a complete event with its `finish_reason` as the end, whether `[DONE]` follows or not.
  const part = body.subarray(0, chance.between(0, body.length - DONE.length - '}\n\n'.length));
  const chunked = head.replace(/Content-Length: \d+/, 'Transfer-Encoding: chunked');
  return {
    bytes: Buffer.concat([Buffer.from(chunked, 'latin1'), inChunks(part, chance)]),
    sent: 'cut',
    body: part,
    next: 'keep',
  };
}

/** Writes an answer in pieces, mostly in one, and ends the connection or keeps it. */
function send(call: Call, { bytes, next }: MutatedAnswer, chance: Chance): void {
  const pieces = chance.is(0.3) ? chance.cut(bytes, 5) : [bytes];
  const writeNext = (i: number): void => {
    const piece = pieces[i];
    if (piece === undefined) return end(call, next);
    call.write(piece);
    if (i + 1 < pieces.length) setTimeout(writeNext, 1, i + 1);
    else end(call, next);
  };
  writeNext(0);
}

function end(call: Call, next: MutatedAnswer['next']): void {
  if (next === 'fin') call.close();
  // A reset overtakes bytes written before it.
  else if (next === 'reset') setTimeout(() => call.reset(), RESET_AFTER_MS);
  else if (next === 'keep') call.finish();
}
