/** How many streams are open at once. */
export const streamCount = 2_000;

/** How many events each stream carries in a second. */
export const eventsPerSecond = 20;
