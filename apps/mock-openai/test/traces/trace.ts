/** How sure it is: documented, seen in a trace, read in code or run, inferred, uncertain. */
type Grade = 'D' | 'O' | 'V' | 'I' | 'U';

/** An observation of Azure, or of a client of it, and how the mock reproduces it. */
export interface Trace {
  readonly what: string;
  readonly grade: Grade;
  /** Where it was observed, as far as that is public. */
  readonly source: string;
  /**
   * Its lines, with placeholders such as `<uuid 1>` for the parts that differ each time; none when no trace is known.
   */
  readonly wild: readonly string[];
  /** Starts a mock. Returns the same lines about its behaviour. */
  readonly ask: () => Promise<readonly string[]>;
  /** Why the mock differs, where it does so on purpose. */
  readonly why?: string;
}

/** A trace with the mock's behaviour. */
export interface AskedTrace extends Trace {
  readonly mock: readonly string[];
}

/** Returns whether the mock behaves as observed. */
export function isSame({ wild, mock }: AskedTrace): boolean {
  return wild.join('\n') === mock.join('\n');
}
