const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** How many bytes can be looked at here in the time that a call of the native search takes. */
const NEAR = 16;

/** Answers where the closing quote of a string is that begins at `from`, or the end of the body if there is none. */
export function endOfString(body: Buffer, from: number): number {
  let at = from;
  for (;;) {
    const near = Math.min(at + NEAR, body.length);
    while (at < near && body[at] !== QUOTE) at++;
    if (at === near) at = body.indexOf(QUOTE, at);
    if (at === -1) return body.length;
    let first = at;
    while (first > from && body[first - 1] === BACKSLASH) first--;
    if ((at - first) % 2 === 0) return at;
    at++;
  }
}
