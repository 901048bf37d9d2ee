/** A command line that cannot be understood. Its message lists every problem. */
export class Misuse extends Error {}
