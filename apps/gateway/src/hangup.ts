/*
 * Comes before all other modules, which take a while to load: SIGHUP ends a process that does not say what it means to it. It
 * means to read the configuration again, also when it comes from a terminal that is closed.
 */
let isPending = false;
let listener: (() => void) | undefined;

process.on('SIGHUP', () => {
  isPending = listener === undefined;
  listener?.();
});

/** Calls a function at each SIGHUP, and at once if one has come before. */
export function onHangup(react: () => void): void {
  listener = react;
  if (isPending) react();
  isPending = false;
}
