import { expect, test } from 'vitest';
import { readUsage } from './read-usage.ts';

const usage = { prompt_tokens: 1_500, prompt_tokens_details: { cached_tokens: 1_024 } };
const event = (body: object) => `data: ${JSON.stringify(body)}\n\n`;

test.each([
  ['a plain answer', JSON.stringify({ usage }), { promptTokens: 1_500, cachedTokens: 1_024 }],
  [
    'a plain answer that knows of no cache',
    JSON.stringify({ usage: { prompt_tokens: 3 } }),
    { promptTokens: 3, cachedTokens: 0 },
  ],
  ['a plain answer without usage', '{}', undefined],
  [
    'a stream that ends with its usage',
    `${event({ usage: null })}${event({ usage })}data: [DONE]\n\n`,
    { promptTokens: 1_500, cachedTokens: 1_024 },
  ],
  ['a stream without usage', `${event({ usage: null })}data: [DONE]\n\n`, undefined],
  ['nothing', '', undefined],
])('the harvest reads the usage of %s', (_case, body, expected) => {
  expect(readUsage(body)).toEqual(expected);
});
