/** A counter with a file of its own. */
export interface StatePart {
  /** Of the file, without its ending: lower case, digits and dashes. */
  readonly name: string;
  /** Returns the value to save, as JSON: neither keys nor content of any request. */
  save(): unknown;
  /**
   * Restores a saved value: before anything is counted, and again when this process takes over writing from another.
   *
   * @param before the value that it was last given; the difference is what the other process has counted since
   * @throws if the value is invalid; nothing has changed then
   */
  restore(value: unknown, before: unknown): void;
}

/** Reads and writes some of the files of the state. */
export interface Keeper {
  /**
   * Reads the saved state, and adds it to the present state.
   *
   * @param isWriter whether this process may set damaged files aside
   * @throws the system's error if it cannot be read
   */
  load(isWriter: boolean): Promise<void>;
  /**
   * Writes the changes since, and every file that is no longer there.
   *
   * @param present the paths of the files in the folder
   * @throws the system's error; nothing is lost then, and it can be tried again
   */
  write(present: ReadonlySet<string>): Promise<void>;
  /** Closes open files. */
  close?(): Promise<void>;
}
