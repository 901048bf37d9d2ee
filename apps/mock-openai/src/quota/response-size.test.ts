import { expect, test } from 'vitest';
import { responseSize } from './response-size.ts';

test.each([
  [{ input: 'Hello', max_output_tokens: 7 }, ['Hello'], 7],
  [{ input: 'Hello', instructions: 'Be brief.' }, ['Be brief.', 'Hello'], undefined],
  [
    {
      input: [
        { role: 'user', content: 'One' },
        { role: 'user', content: [{ type: 'input_text', text: 'Two' }] },
      ],
    },
    ['One', 'Two'],
    undefined,
  ],
  [{ input: [{ type: 'item_reference', id: 'msg_1' }], max_output_tokens: 0 }, [], undefined],
  [{}, [], undefined],
])('%j has the prompt %j and asks for %s tokens', (body, prompt, maxTokens) => {
  expect(responseSize(body)).toEqual({ prompt, maxTokens });
});
