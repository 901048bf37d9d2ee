/** Clients use few spellings, but may send any. */
const MAX_REMEMBERED = 1000;
const LONGEST_REMEMBERED = 64;

/**
 * Tells the headers that are passed on from the others, in any spelling. It remembers spellings, as most messages have
 * the same ones, which then need no conversion to lower case.
 */
export class HeaderFilter {
  readonly #dropped: ReadonlySet<string>;
  readonly #isAlsoDropped: ((name: string) => boolean) | undefined;
  /** By spelling: the name itself if it is passed on, an empty string if not. */
  readonly #remembered = new Map<string, string>();

  /**
   * @param dropped names in lower case
   * @param isAlsoDropped tests for an open-ended kind of names, in lower case
   */
  constructor(dropped: readonly string[], isAlsoDropped?: (name: string) => boolean) {
    this.#dropped = new Set(dropped);
    this.#isAlsoDropped = isAlsoDropped;
  }

  /** Returns a name if its header is passed on, as one string for all messages, and an empty string if it is not. */
  pass(name: string): string {
    return this.#remembered.get(name) ?? this.#judge(name);
  }

  #judge(name: string): string {
    const lowerCase = name.toLowerCase();
    const isDropped = this.#dropped.has(lowerCase) || this.#isAlsoDropped?.(lowerCase) === true;
    const passed = isDropped ? '' : asKey(name);
    const isRemembered = this.#remembered.size < MAX_REMEMBERED && name.length <= LONGEST_REMEMBERED;
    if (isRemembered) this.#remembered.set(name, passed);
    return passed;
  }
}

/** Returns a string in the form that V8 uses for keys of objects: it is looked up at once, here and in undici. */
export function asKey(name: string): string {
  return Object.keys({ [name]: true })[0] ?? name;
}

/** Headers that concern one connection and are never passed on (RFC 9110 §7.6.1), including the de-facto ones. */
export const HOP_BY_HOP: readonly string[] = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/**
 * Returns the header names that a `Connection` header declares as hop-by-hop, in lower case. Almost every message has
 * only the two well-known options, so the common result is a shared empty list.
 */
export function connectionNamed(connection: string | undefined): readonly string[] {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return NONE;
  if (/^(?:keep-alive|close)$/i.test(connection)) return NONE;
  return connection.split(',').map((name) => name.trim().toLowerCase());
}

const NONE: readonly string[] = [];
