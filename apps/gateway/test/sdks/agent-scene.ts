import { expect } from 'vitest';
import { z } from 'zod';
import { type Scene, startScene } from '../testing/start-scene.ts';

/** The user's question: the mock calls the tools with these arguments, and then answers. */
export const question = 'get_weather({"city":"Oslo"}) and get_weather({"city":"Rome"}), please';
export const weatherOf = ({ city }: { readonly city: string }): string => `It rains in ${city}.`;
export const about = 'Tells the weather of a city.';
export const weatherSchema = z.object({ city: z.string() });
export const weatherJson = {
  type: 'object' as const,
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};

/** A gateway in front of two backends, of which the first is tried first again right after it has failed. */
export function startAgentScene(config: Parameters<typeof startScene>[1] = {}): Promise<Scene> {
  return startScene([{ completionTokens: 4 }, { completionTokens: 4 }], {
    cooldown: { floorMs: 1, ceilingMs: 1 },
    ...config,
  });
}

/** The results of a question asked in each state of the first backend. */
interface Answers {
  readonly texts: readonly string[];
  /** The number of answers of each backend, by status. */
  readonly statuses: readonly Readonly<Record<string, number>>[];
}

/** Makes an agent answer a question while the first backend throttles, while it fails, and when it has recovered. */
export async function askThroughTrouble({ mocks }: Scene, ask: () => Promise<string>): Promise<Answers> {
  const texts: string[] = [];
  for (const script of ['throttle(retry-after-ms=1)', 'status(500)', 'ok']) {
    mocks[0]?.setScript(script);
    texts.push(await ask());
  }
  return { texts, statuses: mocks.map(({ counters }) => counters.byStatus) };
}

/** The expected results when every question takes this many successful requests. */
export function spilled(requests: number, success = 200): Answers {
  const any: unknown = expect.any(Number);
  const failed = { 429: any as number, 500: any as number };
  return {
    texts: ['Hello from b.', 'Hello from b.', 'Hello from a.'],
    statuses: [{ [success]: requests, ...failed }, { [success]: 2 * requests }],
  };
}
