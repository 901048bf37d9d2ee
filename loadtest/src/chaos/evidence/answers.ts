import type { Answer } from '../http/response-reader.ts';
import { findMarkers } from '../marker.ts';
import type { Findings } from './findings.ts';

/** The name of the request that an answer belongs to. */
export const ECHO = 'x-chaos-echo';
/** The name of the answer itself. */
export const ANSWER = 'x-chaos-answer';
const REQUEST_ID = 'x-spillway-request-id';

/** A backend's record of an answer. */
export interface Sent {
  /** Whether its end was sent, as its framing shows; undefined if nobody can say. */
  readonly kind: 'whole' | 'cut' | 'unsure';
  /** The body of a complete one. */
  readonly bodyBytes?: number;
  readonly tail?: Buffer;
  /** The content, in words or bytes. */
  readonly says: string;
}

/** The client whose answer is checked. */
export interface Asked {
  readonly caseIndex: number;
  /** The marker of the request it must belong to, if that is known. */
  readonly marker?: string | undefined;
  readonly isToHead?: boolean;
  /** Whether the client stayed, so that a complete answer has to arrive completely. */
  readonly hasStayed?: boolean;
}

/** The answers that backends sent, compared with those that clients received. */
export class Answers {
  /** Final answers that clients received, and sessions. */
  count = 0;
  /** The ids of answered requests, each with its case. */
  readonly ids = new Map<string, number>();
  readonly #findings: Findings;
  readonly #sent = new Map<string, Sent>();

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** A backend sends an answer of this name. */
  send(name: string, sent: Sent): void {
    this.#sent.set(name, sent);
  }

  /** A client has received an answer. */
  see(answer: Answer, { caseIndex, marker, isToHead = false, hasStayed = false }: Asked): void {
    this.count += 1;
    this.#noteId(answer, caseIndex);
    const echo = answer.headers.get(ECHO);
    // A mutated one may be anything; only a complete marker proves something.
    const echoed = findMarkers(echo ?? '').find((one) => one !== marker);
    if (marker !== undefined && echoed !== undefined)
      this.#findings.add('order', `the request ${marker} got the answer to ${echoed}`, caseIndex);
    const name = answer.headers.get(ANSWER) ?? '';
    const sent = this.#sent.get(name);
    this.#sent.delete(name);
    if (sent !== undefined && !isToHead) this.#compare(answer, sent, { caseIndex, hasStayed });
  }

  #noteId(answer: Answer, caseIndex: number): void {
    const id = answer.headers.get(REQUEST_ID);
    if (id === undefined) return;
    if (this.ids.has(id)) this.#findings.add('log lines', `two answers have the id ${id}`, caseIndex);
    this.ids.set(id, caseIndex);
  }

  #compare(
    answer: Answer,
    sent: Sent,
    { caseIndex, hasStayed }: { caseIndex: number; hasStayed: boolean },
  ): void {
    const seen = `${answer.status}, ${answer.bodyBytes} bytes that end with ${JSON.stringify(answer.tail.toString('latin1').slice(-80))}`;
    const problem = (text: string) =>
      this.#findings.add(
        'truncation',
        `${text}; the client saw ${seen}; the backend sent ${sent.says}`,
        caseIndex,
      );
    if (sent.kind === 'cut' && answer.isWhole) problem('an answer that was cut looks whole');
    if (sent.kind !== 'whole') return;
    if (!answer.isWhole) {
      if (hasStayed) problem('a whole answer was broken off');
      return;
    }
    const isSame = answer.bodyBytes === sent.bodyBytes && answer.tail.equals(sent.tail ?? Buffer.alloc(0));
    if (!isSame) problem(`a body of ${sent.bodyBytes} bytes was altered`);
  }
}
