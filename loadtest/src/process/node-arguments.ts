/**
 * Arguments for every Node process that is measured: V8's young generation at its full size (Node's default limit) from
 * the start. It grows to it by itself, but some hundred thousand requests into a process's life and at no set time,
 * which is worth more CPU time per request than most of what is compared here.
 */
export const nodeArguments: readonly string[] = ['--min-semi-space-size=16', '--max-semi-space-size=16'];
