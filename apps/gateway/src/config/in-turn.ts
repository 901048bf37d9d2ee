let last: Promise<unknown> = Promise.resolve();

/**
 * Reads watched files one after another. On a hanging network share each read blocks one of the four threads that also
 * look up backends' names, so a few files could prevent every new connection.
 */
export function inTurn<T>(read: () => Promise<T>): Promise<T> {
  const reading = last.then(read);
  last = reading.catch(() => {});
  return reading;
}
