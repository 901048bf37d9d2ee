/** A source of chance: answers a number in [0, 1). Passed in, so that a test can script it. */
export type Random = () => number;
