/** A request's line in the log, as far as it is compared. */
export interface LoggedRequest {
  readonly id: string;
  readonly client?: string;
  readonly status: number;
  readonly ending: string;
  readonly deployment: string;
  readonly attempts: readonly { readonly outcome: string }[];
  readonly estimate?: { readonly promptTokens: number };
  readonly usage?: { readonly promptTokens: number; readonly outputTokens: number };
  readonly responseBytes: number | null;
}

/** The content of a log. */
export interface ReadLog {
  readonly requests: readonly LoggedRequest[];
  /** How often a backend has changed its state, for example by a cooldown. */
  readonly stateChanges: readonly string[];
  /** Lines that report an error. */
  readonly errors: readonly string[];
}

const ERROR_LEVEL = 50;

/** Reads whole lines. */
export function readLog(text: string): ReadLog {
  const requests: LoggedRequest[] = [];
  const stateChanges: string[] = [];
  const errors: string[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const { msg, level } = JSON.parse(line) as { readonly msg: string; readonly level: number };
    if (msg === 'request') requests.push(JSON.parse(line) as LoggedRequest);
    else if (msg === 'backend state') stateChanges.push(line);
    else if (level >= ERROR_LEVEL) errors.push(line);
  }
  return { requests, stateChanges, errors };
}
