export { parseScript } from './script.ts';
export { startMock, startMocks } from './start-mock.ts';
export type { ThrottleText } from './bodies/throttle-text.ts';
export type { MockOptions } from './options.ts';
export type { Counters } from './request-log.ts';
export type { Ending, RecordedRequest } from './request-record.ts';
export type { Mock } from './start-mock.ts';
export type { Script, ScriptStep, StatusStep, Step, StepLength, ThrottleStep } from './step.ts';
