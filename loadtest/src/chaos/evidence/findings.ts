/** The conditions that must hold at the end of every program. */
export const invariants = {
  alive: 'the gateway is alive, says so, and serves an ordinary chat',
  idle: 'nothing is under way, kept or connected any more',
  resources: 'descriptors and memory are back',
  'log lines': 'each answered request has one log line, and none reports an error inside the gateway',
  'well-formed': 'what the gateway sends is HTTP',
  smuggling: 'no backend gets a request that no client sent',
  order: 'each answer is to its request',
  truncation: 'no cut answer looks whole, and no answer is altered',
  creation: 'no object is made twice',
  answered: 'no whole request goes without an answer, and nobody waits forever',
  served: 'no request fails, and no backend goes into cooldown, while credentials and configurations change',
  ledgers: 'each client and each backend is charged exactly what the answers reported',
} as const;

/** The name of an invariant. */
export type Invariant = keyof typeof invariants;

/** An invariant that was broken. */
export interface Finding {
  readonly invariant: Invariant;
  /** The number of the case in which it was broken, where that is known. */
  readonly caseIndex: number | undefined;
  readonly text: string;
}

const MAX_KEPT_EACH = 3;

/** The broken invariants; the first few findings of each are kept. */
export class Findings {
  readonly kept: Finding[] = [];
  readonly counts = new Map<Invariant, number>();

  add(invariant: Invariant, text: string, caseIndex?: number): void {
    const count = (this.counts.get(invariant) ?? 0) + 1;
    this.counts.set(invariant, count);
    if (count <= MAX_KEPT_EACH) this.kept.push({ invariant, caseIndex, text });
  }
}
