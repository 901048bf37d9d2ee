/** Something that is counted, and kept in a file of its own. */
export interface StatePart {
  /** Of the file, without its ending: lower case, digits and dashes. */
  readonly name: string;
  /** Returns what is to be kept, as JSON has it: neither keys nor content of any request. */
  save(): unknown;
  /**
   * Takes over what was kept: before anything is counted, and again when this process begins to write where another one did.
   *
   * @param before what it has been given already; what the other has counted since is the difference
   * @throws if it makes no sense; nothing has changed then
   */
  restore(value: unknown, before: unknown): void;
}

/** Reads and writes some of the files. */
export interface Keeper {
  /**
   * Reads what there is, and adds it to what is known.
   *
   * @param isWriter whether this process may set aside what is damaged
   * @throws the system's error if it cannot be read
   */
  load(isWriter: boolean): Promise<void>;
  /**
   * Writes what has changed since.
   *
   * @throws the system's error; nothing is lost then, and it can be tried again
   */
  write(): Promise<void>;
  /** Lets go of open files. */
  close?(): Promise<void>;
}
