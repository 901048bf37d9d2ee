import { expect, test } from 'vitest';
import { resourceOf } from './resource-of.ts';

test.each([
  ['https://my.openai.azure.com', 'https://my.openai.azure.com/'],
  ['https://my.openai.azure.com', 'https://MY.OpenAI.azure.com:443'],
  ['https://my.openai.azure.com', 'https://my.cognitiveservices.azure.com'],
  ['https://my.services.ai.azure.com/', 'https://my.openai.azure.com./'],
  ['https://my.services.ai.azure.com/api/projects/p', 'https://my.services.ai.azure.com//api/projects/p/'],
  ['http://localhost:8081/prefix', 'http://LOCALHOST:8081/prefix/'],
])('%s and %s are one resource', (one, other) => {
  expect(resourceOf(one)).toBe(resourceOf(other));
});

test.each([
  ['https://my.openai.azure.com', 'https://your.openai.azure.com'],
  ['https://my.openai.azure.com', 'https://my.openai.azure.us'],
  ['https://my.openai.azure.com', 'https://my.azure-api.net'],
  ['https://my.services.ai.azure.com/api/projects/p', 'https://my.services.ai.azure.com/api/projects/q'],
  ['https://a.internal/openai-east', 'https://a.internal/openai-west'],
  ['http://localhost:8081', 'http://localhost:8082'],
])('%s and %s are two resources', (one, other) => {
  expect(resourceOf(one)).not.toBe(resourceOf(other));
});
