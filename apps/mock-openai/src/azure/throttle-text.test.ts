import { expect, test } from 'vitest';
import { throttleBody, throttleTexts } from './throttle-text.ts';
import type { ThrottleText } from './throttle-text.ts';

const call = {
  operation: 'Embeddings_Create',
  apiVersion: '2022-12-01',
  deployment: 'ada',
  region: 'Sweden Central',
  seconds: 9,
};
const under = 'Requests to the Embeddings_Create Operation under Azure OpenAI API version 2022-12-01';
const increase =
  'Please go here: https://aka.ms/oai/quotaincrease if you would like to further increase the default rate limit.';

const messages: Record<ThrottleText, string> = {
  'token-rate': `${under} have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 9 seconds. ${increase}`,
  'token-rate-aiservices': `${under} have exceeded token rate limit of your current AIServices S0 pricing tier. Please retry after 9 seconds. Please contact Azure support service if you would like to further increase the default rate limit.`,
  'call-rate': `${under} have exceeded call rate limit of your current OpenAI S0 pricing tier. Please retry after 9 seconds. ${increase}`,
  'call-rate-short': 'Rate limit is exceeded. Try again in 9 seconds.',
  'token-rate-2025':
    'Your requests to ada for ada in Sweden Central have exceeded the token rate limit for your current AIServices S0 pricing tier. This request was for Embeddings_Create under Azure OpenAI API version 2022-12-01. Please retry after 9 seconds.',
  'high-demand':
    'The system is currently experiencing high demand and cannot process your request. Your request exceeds the maximum usage size allowed during peak load. Please retry after 9 seconds. For improved latency reliability, consider switching to Provisioned Throughput.',
  ptu: 'The provisioned throughput of deployment ada is fully used. Please retry after 9 seconds.',
};

test.each(Object.entries(messages))('%s has its text, with "429" as a text for code', (text, message) => {
  const body = throttleBody(text as ThrottleText, call);
  expect(JSON.parse(body)).toEqual({ error: { code: '429', message } });
  expect(body.includes('"message": "')).toBe(text === 'call-rate-short');
});

test('the mock knows seven texts of a 429', () => {
  expect(throttleTexts).toHaveLength(7);
});
