import { asksFor, send } from './ask-anything.ts';
import { type Asked, KEYS } from './draw-residency.ts';
import { WHO } from './start-noting-backend.ts';

/** The ids and keys that answers gave to a client. */
interface Known {
  readonly responses: string[];
  readonly files: string[];
  readonly sessionKeys: string[];
}

const UNKNOWN_KEY = 'ek_unknown';
const TOLD = ['x-spillway-fallback', 'x-spillway-waited-ms', 'x-spillway-backend'];

/** Sends requests as drawn, each with its client and its number in `x-who`, and remembers the answers. */
export class Askers {
  /** How often which status and which header came. */
  readonly seen: Record<string, number> = {};
  /** How many requests are under way. */
  pending = 0;
  /** The number of the last request. */
  last = 0;
  readonly #known = { eu: nothing(), spent: nothing(), finance: nothing(), us: nothing() };
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** @param timeoutSeconds how long it may take; as configured if left out */
  async ask({ who, of, nth, kind, hasSessionKey, pin }: Asked, timeoutSeconds?: number): Promise<void> {
    const { responses, files, sessionKeys } = this.#known[of];
    const nthOf = (all: readonly string[], other: string) => all[nth % all.length] ?? other;
    const sessionKey = nthOf(sessionKeys, UNKNOWN_KEY);
    const asks = asksFor(nthOf(responses, 'resp_0123456789'), nthOf(files, 'file-0123456789'), sessionKey);
    const ask = asks[kind % asks.length]!;
    const opens = hasSessionKey && ask.path.includes('/realtime');
    // An ephemeral key stands for the client that it was made for, and one that nobody knows for none.
    const client = !opens ? who : sessionKey === UNKNOWN_KEY ? 'nobody' : of;
    const headers = {
      [WHO]: `${client} ${++this.last}`,
      ...(opens ? { authorization: `Bearer ${sessionKey}` } : { 'api-key': KEYS[who] }),
      ...(pin !== undefined && { 'x-spillway-backend': pin }),
      ...(timeoutSeconds !== undefined && { 'x-stainless-timeout': String(timeoutSeconds) }),
    };
    this.pending++;
    const answer = await send(this.#url, ask, headers).finally(() => this.pending--);
    const session = answer.text === '' ? 'session refused' : 'session served';
    this.#count(answer.status === 0 ? session : String(answer.status));
    for (const name of TOLD) if (answer.headers.has(name)) this.#count(name);
    if (client !== 'nobody') learn(answer.text, this.#known[client]);
  }

  #count(name: string): void {
    this.seen[name] = (this.seen[name] ?? 0) + 1;
  }
}

const nothing = (): Known => ({ responses: [], files: [], sessionKeys: [] });

/** Remembers what an answer made. */
function learn(text: string, { responses, files, sessionKeys }: Known): void {
  responses.push(...(text.match(/\bresp_\w+/g) ?? []));
  files.push(...(text.match(/\bfile-\w+/g) ?? []));
  sessionKeys.push(...(text.match(/\bek_\w+/g) ?? []));
}
