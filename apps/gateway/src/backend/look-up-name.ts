import { lookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** After this time without an answer, the addresses of the last one are used. */
const SLOW_MS = 250;

/** Resolves a name to all of its addresses, as the system does. */
type Resolve = (
  name: string,
  options: { readonly all: true },
  answer: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** Called when a name's addresses are known, or with the reason why they are not. */
type Waiting = (error: NodeJS.ErrnoException | null) => void;

/** A name, its last addresses, and who waits for its next answer, if it has been asked for. */
interface Name {
  addresses?: LookupAddress[];
  askedMs: number;
  waiting?: Waiting[] | undefined;
}

/**
 * Creates a function that resolves names for connections, each of them by one question at a time. The system has few
 * threads for questions, and one that gets no answer holds its thread for many seconds: asked again and again for the
 * name of one backend, it would keep all others from being resolved. While there is no answer, or the system is told
 * to try again later, a name has the addresses that it had before.
 */
export function createLookUp(resolve: Resolve = lookup): LookupFunction {
  const names = new Map<string, Name>();
  return (host, { all }, callback) => {
    const name = names.get(host) ?? { askedMs: 0 };
    names.set(host, name);
    let isAnswered = false;
    const answer: Waiting = (error) => {
      if (isAnswered) return;
      isAnswered = true;
      clearTimeout(timer);
      const [first] = name.addresses ?? [];
      if (error !== null || first === undefined) callback(error, []);
      else if (all === true) callback(null, name.addresses ?? []);
      else callback(null, first.address, first.family);
    };
    ask(resolve, host, name, answer);
    const knownInMs = Math.max(0, name.askedMs + SLOW_MS - performance.now());
    const timer = name.addresses === undefined ? undefined : setTimeout(answer, knownInMs, null);
  };
}

/** Looks names up for all connections to backends and proxies, of which there are as many as are configured. */
export const lookUpName = createLookUp();

function ask(resolve: Resolve, host: string, name: Name, answer: Waiting): void {
  if (name.waiting !== undefined) return void name.waiting.push(answer);
  name.waiting = [answer];
  name.askedMs = performance.now();
  resolve(host, { all: true }, (error, addresses) => {
    const waiting = name.waiting ?? [];
    name.waiting = undefined;
    if (error === null) name.addresses = addresses;
    const isLater = error?.code === 'EAI_AGAIN' && name.addresses !== undefined;
    // Node would take an empty list for a mistake of ours, and throw.
    const failure = error ?? (addresses.length === 0 ? unknownName(host) : null);
    for (const tell of waiting) tell(isLater ? null : failure);
  });
}

function unknownName(host: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`The name ${host} has no address`), { code: 'ENOTFOUND' });
}
