import { AnswerMeter } from './answer-meter.ts';
import type { MeterOptions } from './meter-options.ts';
import { SessionFrames } from './session-frames.ts';

/** A session whose messages are read. */
interface MessageSession {
  watcher: ((message: Buffer) => void) | undefined;
}

/** The ends of an answer in a message session. A reported usage comes with them. */
const ENDS: ReadonlySet<string> = new Set(
  'response.completed response.failed response.incomplete response.cancelled error'.split(' '),
);

/** Meters a session whose messages are read, or one that passes as bytes. */
export class SessionMeter {
  readonly answers: AnswerMeter;
  readonly #onUntold: MeterOptions['onUntold'];
  #frames: SessionFrames | undefined;

  constructor({ onUsage, onUntold }: Pick<MeterOptions, 'onUsage' | 'onUntold'>) {
    this.answers = new AnswerMeter('session', { onUsage });
    this.#onUntold = onUntold;
  }

  /** Whether nothing was said or begun since the last reported usage. */
  get isAllTold(): boolean {
    const { saidTokens, walk } = this.answers;
    return saidTokens === 0 && !walk.isAnswering && this.#frames?.isUnreadable !== true;
  }

  watchFrames(): void {
    const { answers } = this;
    this.#frames = new SessionFrames({
      write: (chunk, from, to) => answers.write(chunk, from, to),
      endMessage: () => answers.walk.endEvent(),
    });
  }

  watchMessages(session: MessageSession): void {
    const { answers } = this;
    const { watcher } = session;
    session.watcher = (message) => {
      watcher?.(message);
      const { told } = answers;
      answers.write(message);
      answers.walk.endEvent();
      if (answers.told === told && ENDS.has(answers.walk.lastType)) this.#onUntold?.(answers.endUntold());
    };
  }

  /** Observes the backend's bytes in a session that passes as bytes. */
  seeFromBackend(chunk: Buffer): void {
    this.#frames?.write(chunk);
  }
}
