import type { Exchange } from './exchange.ts';

/** Acts after a delay, at once when there is none; never once the client has left. */
export function after(exchange: Exchange, delayMs: number, act: () => void): void {
  if (delayMs === 0) {
    act();
    return;
  }
  const timer = setTimeout(act, delayMs);
  exchange.response.once('close', () => clearTimeout(timer));
}
