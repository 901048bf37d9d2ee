const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** How many bytes are looked at here sooner than a call of the native search finds the quote behind them. */
const NEAR = 64;

/**
 * Answers how far a string that begins at `from` is plain ASCII: up to its closing quote, or to what is not plain or not
 * near.
 */
export function endOfPlain(body: Buffer, from: number): number {
  const near = Math.min(from + NEAR, body.length);
  let at = from;
  while (at < near && isPlain(body[at])) at++;
  return at;
}

/** Answers where the closing quote of a string is that begins at `from`, or the end of the body if there is none. */
export function endOfString(body: Buffer, from: number): number {
  let at = endOfPlain(body, from);
  for (;;) {
    at = body.indexOf(QUOTE, at);
    if (at === -1) return body.length;
    let first = at;
    while (first > from && body[first - 1] === BACKSLASH) first--;
    if ((at - first) % 2 === 0) return at;
    at++;
  }
}

function isPlain(byte: number | undefined): boolean {
  return byte !== undefined && byte < 0x80 && byte !== QUOTE && byte !== BACKSLASH;
}
