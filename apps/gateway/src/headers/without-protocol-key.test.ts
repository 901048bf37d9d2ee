import { expect, test } from 'vitest';
import { withoutProtocolKey } from './without-protocol-key.ts';

test.each<[string, string | undefined]>([
  ['realtime', 'realtime'],
  ['realtime, openai-beta.realtime-v1', 'realtime, openai-beta.realtime-v1'],
  ['realtime, openai-insecure-api-key.sk-1', 'realtime'],
  ['openai-insecure-api-key.sk-1, realtime', 'realtime'],
  ['a,OpenAI-Insecure-API-Key.sk-1 ,b', 'a,b'],
  ['openai-insecure-api-key.sk-1', undefined],
])('of the protocols %j a backend gets %j', (value, expected) => {
  const before = ['Sec-WebSocket-Key', 'openai-insecure-api-key.x', 'Sec-WebSocket-Protocol', value];
  const after = expected === undefined ? [] : ['Sec-WebSocket-Protocol', expected];
  expect(withoutProtocolKey(before)).toEqual([...before.slice(0, 2), ...after]);
});
