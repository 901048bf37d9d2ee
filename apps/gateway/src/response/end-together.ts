/** An answer that is ready to go out. */
interface Ready {
  /** Sends it. Must not throw. */
  endTurn(): void;
}

/** As many answers go out at once. More would make the first of them wait for some ms of other work. */
const MOST = 64;

const ready: Ready[] = [];

/**
 * Sends an answer at the end of this turn of the event loop, together with all others that become ready in it. Sent one
 * by one, each would wake its client's side anew, which goes to sleep while the next one is prepared: on a busy gateway
 * that took a sixth of its CPU time (measured).
 */
export function endTogether(answer: Ready): void {
  const count = ready.push(answer);
  // As a microtask: what follows from each is done before a connection goes on to its next request.
  if (count === 1) setImmediate(queueMicrotask, endAll);
  else if (count === MOST) endAll();
}

function endAll(): void {
  for (const answer of ready.splice(0)) answer.endTurn();
}
