/** How urgent requests are, the most urgent first. */
export const priorityClasses = ['interactive', 'standard', 'batch'] as const;

/** How urgent a request is: when quota is short, the less urgent are refused or wait first. */
export type PriorityClass = (typeof priorityClasses)[number];
