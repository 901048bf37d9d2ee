import { caseOf, findMarkers } from '../marker.ts';
import type { Findings } from './findings.ts';

/** Marks the bytes in bodies that look like a request: they must never be treated as one. */
export const SMUGGLED = 'smuggled';

/** The requests that clients sent, compared with those that reached the backends. */
export class Arrivals {
  /** Requests that reached backends. */
  count = 0;
  /** Whether clients may have sent requests that have lost their marker. */
  mayBeUnmarked = false;
  readonly #findings: Findings;
  readonly #sent = new Set<string>();
  /** Markers of requests that must not reach a backend, with the reason. */
  readonly #forbidden = new Map<string, string>();
  /** For requests that create an object: the backends that may have acted on them. */
  readonly #creations = new Map<string, string[]>();

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** A client sends a request. */
  send(marker: string, createsObject = false): void {
    this.#sent.add(marker);
    if (createsObject) this.#creations.set(marker, []);
  }

  /** A client sends bytes that are not a request, or a request that no backend may get. */
  forbid(marker: string, reason: string): void {
    this.#forbidden.set(marker, reason);
  }

  /** A request has reached a backend. Returns its marker. */
  arrive(head: string, backend: string): string | undefined {
    this.count += 1;
    const markers = findMarkers(head);
    const known = markers.find((marker) => this.#sent.has(marker));
    const forbidden = markers.find((marker) => this.#forbidden.has(marker));
    const [first] = markers;
    const caseIndex = first === undefined ? undefined : caseOf(first);
    const where = `came to backend ${backend}: ${JSON.stringify(head)}`;
    if (head.includes(SMUGGLED)) this.#findings.add('smuggling', `bytes of a body ${where}`, caseIndex);
    else if (forbidden !== undefined)
      this.#findings.add('smuggling', `${this.#forbidden.get(forbidden)} ${where}`, caseIndex);
    else if (known === undefined && !(this.mayBeUnmarked && first === undefined))
      this.#findings.add('smuggling', `a request that nobody sent ${where}`, caseIndex);
    return known;
  }

  /** A backend has received a complete request, and has not refused it. */
  act(marker: string, backend: string): void {
    const backends = this.#creations.get(marker);
    if (backends === undefined) return;
    backends.push(backend);
    if (backends.length > 1)
      this.#findings.add(
        'creation',
        `${marker} was received whole by ${backends.join(' and ')}`,
        caseOf(marker),
      );
  }
}
