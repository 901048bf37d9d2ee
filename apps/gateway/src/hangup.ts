/**
 * Loads before all other modules, which take a while: until a handler is set, SIGHUP ends the process. Here it means
 * "read the configuration again", even when it comes from a closed terminal.
 */
let isPending = false;
let listener: (() => void) | undefined;

process.on('SIGHUP', () => {
  isPending = listener === undefined;
  listener?.();
});

/** Calls a function at each SIGHUP, and at once if one has already come. */
export function onHangup(react: () => void): void {
  listener = react;
  if (isPending) react();
  isPending = false;
}
