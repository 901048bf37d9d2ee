import { drawBetween, seededRandom } from '@spillway/simulation';
import { deployment } from '../harvest-setup.ts';
import { beginningTokens, type PlannedRequest } from './plan-load.ts';

const charactersPerToken = 4;
const textLength = 64 * 1024;
const longestSlice = 20_000;

// Short words, so that four characters are about one token for a tokenizer too.
const words =
  'the cat sat on a mat and saw how we all ran to her big red bus for one new map of his old sea'.split(' ');
const text = makeText();

/** The URL path of all requests of the harvest. */
export const chatPath = `/openai/deployments/${deployment}/chat/completions?api-version=2024-10-21`;

/** Writes a chat completion with the planned charge; only those of one conversation begin alike. */
export function renderBody({ number, tokens, maxTokens, isStreamed, conversation }: PlannedRequest): string {
  const promptTokens = tokens - maxTokens;
  const isLong = conversation !== undefined;
  const own = slice(
    `Question ${number}. `,
    isLong ? promptTokens - beginningTokens : promptTokens,
    number * 7,
  );
  const messages = [{ role: 'user', content: own }];
  if (isLong) {
    const beginning = slice(`You are assistant ${conversation}. `, beginningTokens, conversation * 1_000);
    messages.unshift({ role: 'system', content: beginning });
  }
  return JSON.stringify({
    messages,
    max_tokens: maxTokens,
    ...(isStreamed && { stream: true, stream_options: { include_usage: true } }),
    // Every second conversation names itself by a key.
    ...(isLong && conversation % 2 === 0 && { prompt_cache_key: `conversation-${conversation}` }),
  });
}

function slice(beginning: string, tokens: number, seed: number): string {
  const from = seed % (textLength - longestSlice);
  return (beginning + text.slice(from, from + longestSlice)).slice(0, tokens * charactersPerToken);
}

function makeText(): string {
  const random = seededRandom(7);
  let made = '';
  while (made.length < textLength) made += `${words[drawBetween(random, 0, words.length - 1)]} `;
  return made;
}
