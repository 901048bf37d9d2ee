const API = '/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21';
const QUESTIONS = [
  'When should I water the basil on my balcony?',
  'Write a haiku about a lighthouse in winter.',
  'Explain to a child why the moon has phases. Use simple words, and an example with a lamp and a ball.',
  'Which three books on bridges would you take to an island, and why these?',
];
const REQUESTS_PER_SECOND = 5;
/** The maximum number of requests at once, however slow the answers are. */
const MAX_IN_FLIGHT = 12;
const REQUEST_MS = 30_000;

/**
 * Sends chat completions to the gateway at a gentle rate, every other one as a stream. Returns a function that stops
 * it.
 */
export function startDemoTraffic(gatewayUrl: string): () => void {
  let inFlight = 0;
  let sent = 0;
  const stopping = new AbortController();

  async function ask(number: number): Promise<void> {
    inFlight += 1;
    try {
      const response = await fetch(new URL(API, gatewayUrl), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          messages: [{ role: 'user', content: QUESTIONS[number % QUESTIONS.length] }],
          stream: number % 2 === 0,
        }),
        signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(REQUEST_MS)]),
      });
      await response.arrayBuffer();
    } catch {
      // The gateway is starting, or restarting after a change.
    }
    inFlight -= 1;
  }

  const timer = setInterval(() => {
    if (inFlight < MAX_IN_FLIGHT) void ask(sent++);
  }, 1000 / REQUESTS_PER_SECOND);
  return () => {
    clearInterval(timer);
    stopping.abort();
  };
}
