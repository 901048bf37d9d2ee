let last: Promise<unknown> = Promise.resolve();

/**
 * Reads watched files one after the other. On a share that hangs each read keeps a thread, of which there are four; names of
 * backends are looked up by the same four, so that a few files could keep every new connection from being made.
 */
export function inTurn<T>(read: () => Promise<T>): Promise<T> {
  const reading = last.then(read);
  last = reading.catch(() => {});
  return reading;
}
