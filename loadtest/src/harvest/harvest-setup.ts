/** The parameters of every run of the harvest. */
export interface HarvestSetup {
  readonly backends: BackendKind;
  /** The factor by which the mocks' quotas run faster than real time: at 10 a minute takes 6 s. */
  readonly timeScale: number;
  /** The seed of the load: the same seed offers the same requests at the same times. */
  readonly seed: number;
  /** Measured minutes of the quota's time, after one that is not measured. */
  readonly measuredMinutes: number;
  /** Where the log of Spillway's last run is kept. */
  readonly logFile?: string | undefined;
}

/** The defaults of a harvest. */
export const usualSetup: HarvestSetup = { backends: 'told', timeScale: 10, seed: 1, measuredMinutes: 3 };

/** Minutes of the quota's time before measuring: the windows begin empty, and fill up in the first minute. */
export const warmUpMinutes = 1;

/** The backends behind every contestant, all of one priority. */
export const backendNames = ['east', 'north', 'west'] as const;

/** The limits of each: tokens in any minute, and 30 requests in any 10 s of the quota's time. */
export const backendQuota = {
  kind: 'standard',
  family: 'gpt-35',
  tpm: 30_000,
  rpm: 180,
  requestWindowMs: 10_000,
} as const;

/** How the backends differ from that: in the window of their requests, or in reporting nothing but `Retry-After`. */
export const backendKinds = {
  told: {},
  silent: { headers: 'none' },
  'one-second': { requestWindowMs: 1000 },
} as const;

export type BackendKind = keyof typeof backendKinds;

/** The windows that those limits are counted in, in the quota's time. */
export const quotaWindows = { tokenWindowMs: 60_000, requestWindowMs: backendQuota.requestWindowMs } as const;

/** The deployment of all requests: its name stands for no model, because models before gpt-4o have no prompt cache. */
export const deployment = 'chat';

/** How long a backend takes to answer, in real time: long enough that requests overlap. */
export const backendLatencyMs = 20;

/** How long a waiting room may hold a request, in the quota's time. */
export const waitingRoomMs = 10_000;

/** The capacity of all backends together in a minute of the quota's time. */
export const tokensPerMinute = backendQuota.tpm * backendNames.length;

/** How many minutes of the quota's time a whole run takes. */
export function minutesOf({ measuredMinutes }: HarvestSetup): number {
  return warmUpMinutes + measuredMinutes;
}

/** Converts the quota's time to real time. */
export function realMs(quotaMs: number, { timeScale }: Pick<HarvestSetup, 'timeScale'>): number {
  return quotaMs / timeScale;
}
