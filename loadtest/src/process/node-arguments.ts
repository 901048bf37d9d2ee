/**
 * Arguments for every measured Node process: V8's young generation at its full size (Node's default limit) from the
 * start. It would grow to that size by itself, but only after some hundred thousand requests and at no fixed time,
 * which costs more CPU time per request than most differences compared here.
 */
export const nodeArguments: readonly string[] = ['--min-semi-space-size=16', '--max-semi-space-size=16'];
