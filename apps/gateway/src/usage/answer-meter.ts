import { isCountable } from '@spillway/core';
import type { AnswerUsage } from '../telemetry/exchange.ts';
import { AnswerWalk } from './answer-walk.ts';
import { addUsage, largerUsage, NO_TOKENS } from './combine-usage.ts';
import { BYTES_PER_TOKEN } from './estimate-tokens.ts';
import { EventLines } from './event-lines.ts';
import type { OnSessionUsage } from './meter-options.ts';
import type { AnswerKind } from './read-usage.ts';
import type { OnUsage } from './told-usage.ts';

/** A model speaks 20 tokens a second; a second is 48,000 bytes of PCM, which are 64,000 characters. */
const AUDIO_CHARACTERS_PER_TOKEN = 3200;
/** OpenAI's count for a second of a recording. */
const TOKENS_PER_SECOND = 10;

type MeteredKind = AnswerKind | 'session';

/** Reads the usage that an answer, or a session, reports, and counts its output. */
export class AnswerMeter {
  /** The answer's usage: of repeated reports, the largest. */
  usage: AnswerUsage | undefined;
  /** The number of reports. */
  told = 0;
  seconds = 0;
  /** The number of bytes so far. */
  bytes = 0;
  readonly walk: AnswerWalk;
  readonly #lines: EventLines | undefined;
  readonly #combine: (a: AnswerUsage, b: AnswerUsage) => AnswerUsage;
  readonly #onUsage: OnSessionUsage | undefined;

  /**
   * @param kind for an answer whether it is JSON or a stream of events; in a `session` each message is an event, with a
   * usage of its own
   * @param onUsage called for each usage in a session when it is reported
   * @param saysAll whether any text in an answer may be a model's output
   */
  constructor(
    kind: MeteredKind,
    { onUsage, saysAll = false }: { onUsage?: OnSessionUsage | undefined; saysAll?: boolean } = {},
  ) {
    this.#combine = kind === 'session' ? addUsage : largerUsage;
    this.#onUsage = onUsage;
    const note: OnUsage = (...told) => this.#note(kind, ...told);
    this.walk = new AnswerWalk(kind !== 'json', note, saysAll);
    this.#lines = kind === 'events' ? new EventLines(this.walk) : undefined;
  }

  write(chunk: Buffer, from = 0, to = chunk.length): void {
    this.bytes += to - from;
    if (this.#lines === undefined) this.walk.write(chunk, from, to);
    else this.#lines.write(chunk);
  }

  /** The output in tokens; in a session since its last report of usage. */
  get saidTokens(): number {
    const { textBytes, heardBytes, audioCharacters } = this.walk;
    const ofAudio = audioCharacters / AUDIO_CHARACTERS_PER_TOKEN;
    return Math.ceil((textBytes + heardBytes) / BYTES_PER_TOKEN + ofAudio);
  }

  /** The input audio in tokens, where the answer reports seconds. */
  get heardTokens(): number {
    return Math.ceil(this.seconds * TOKENS_PER_SECOND);
  }

  /** Ends a session's answer that reports no usage. Returns its output in tokens; undefined if it had not begun. */
  endUntold(): number | undefined {
    const { isAnswering } = this.walk;
    const saidTokens = this.saidTokens;
    this.#beginAnother();
    return isAnswering ? saidTokens : undefined;
  }

  #beginAnother(): void {
    this.walk.textBytes = 0;
    // Not every backend reports the usage of its transcriptions.
    this.walk.heardBytes = 0;
    this.walk.audioCharacters = 0;
    this.walk.isAnswering = false;
  }

  #note(kind: MeteredKind, ...[usage, seconds, depth]: Parameters<OnUsage>): void {
    if (usage === undefined) this.#noteSeconds(seconds, kind);
    else this.#noteUsage(usage, kind, depth > 1);
  }

  /** In a session each is charged when it is reported; for an answer they are converted at its end. */
  #noteSeconds(seconds: number, kind: MeteredKind): void {
    const heardTokens = Math.ceil(seconds * TOKENS_PER_SECOND);
    if (!isCountable(heardTokens)) return;
    if (kind === 'session') this.#noteUsage({ ...NO_TOKENS, promptTokens: heardTokens }, kind, false);
    else this.seconds += seconds;
  }

  /** @param isOfAnswer whether it ends a session's answer: a transcription reports its own, and may come within one */
  #noteUsage(usage: AnswerUsage, kind: MeteredKind, isOfAnswer: boolean): void {
    this.told++;
    this.usage = this.usage === undefined ? usage : this.#combine(this.usage, usage);
    if (kind !== 'session') return;
    if (isOfAnswer) this.#beginAnother();
    else this.walk.heardBytes = 0;
    this.#onUsage?.(usage, isOfAnswer);
  }
}
