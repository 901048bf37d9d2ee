import { allThrottled } from './all-throttled.ts';
import { normal } from './normal.ts';
import type { Scenario } from './scenario.ts';
import { throttled } from './throttled.ts';

/** All scenarios, in the order in which they run. */
export const scenarios: readonly Scenario[] = [normal, throttled, allThrottled];
