/** How sure it is: documented, seen in a trace, read in code or run, inferred, uncertain. */
type Grade = 'D' | 'O' | 'V' | 'I' | 'U';

/** What Azure, or a client of it, was seen to do, and how the mock is made to show the same. */
export interface Trace {
  readonly what: string;
  readonly grade: Grade;
  /** Where it was seen, as far as that is public. */
  readonly source: string;
  /** Its lines, with placeholders such as `<uuid 1>` for what differs each time; none when no trace is known. */
  readonly wild: readonly string[];
  /** Starts a mock, and answers the same lines of what it does. */
  readonly ask: () => Promise<readonly string[]>;
  /** Why the mock does otherwise, where it does so on purpose. */
  readonly why?: string;
}

/** A trace with what the mock does. */
export interface AskedTrace extends Trace {
  readonly mock: readonly string[];
}

/** Tells whether the mock does what was seen. */
export function isSame({ wild, mock }: AskedTrace): boolean {
  return wild.join('\n') === mock.join('\n');
}
