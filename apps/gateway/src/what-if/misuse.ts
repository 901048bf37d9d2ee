/** A command line that cannot be understood. Its message says every problem. */
export class Misuse extends Error {}
