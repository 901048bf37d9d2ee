const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Answers where the closing quote of a string is that begins at `from`, or the end of the body if there is none. */
export function endOfString(body: Buffer, from: number): number {
  let at = from;
  for (;;) {
    at = body.indexOf(QUOTE, at);
    if (at === -1) return body.length;
    let first = at;
    while (first > from && body[first - 1] === BACKSLASH) first--;
    if ((at - first) % 2 === 0) return at;
    at++;
  }
}
