/**
 * A set of header names that is asked about names in any spelling. Almost every name differs from all of them in its
 * length or its first letter, and need not be brought into lower case to be told apart.
 */
export class HeaderNames {
  readonly #names: ReadonlySet<string>;
  /** By shape: whether any of them has it. */
  readonly #shapes: readonly boolean[];

  /** @param names in lower case */
  constructor(names: readonly string[]) {
    this.#names = new Set(names);
    const shapes = new Set(names.map(shapeOf));
    this.#shapes = Array.from({ length: Math.max(0, ...shapes) + 1 }, (_, shape) => shapes.has(shape));
  }

  has(name: string): boolean {
    return this.#shapes[shapeOf(name)] === true && this.#names.has(name.toLowerCase());
  }
}

/** The last five bits of an ASCII letter are the same in either case. */
function shapeOf(name: string): number {
  return name.length * 32 + (name.charCodeAt(0) & 31);
}
