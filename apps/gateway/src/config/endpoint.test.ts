import { expect, test } from 'vitest';
import { endpoint } from './endpoint.ts';

const azure = 'https://eu.openai.azure.com';
const foundry = 'https://eu.services.ai.azure.com';

test.each([
  [azure, azure],
  [`${azure}/`, `${azure}/`],
  [` ${azure} `, azure],
  [`${azure}/openai`, azure],
  [`${azure}/openai/`, azure],
  [`${azure}//openai/v1//`, azure],
  [`${azure}/OpenAI/V1/`, azure],
  [`${azure}/openai/v1/chat/completions`, azure],
  [`${azure}/openai/v1/?api-version=preview`, azure],
  [`${azure}/openai/responses?api-version=2025-04-01-preview`, azure],
  [`${azure}/openai/deployments`, azure],
  [`${foundry}/models/chat/completions?api-version=2024-05-01-preview`, foundry],
  [`${foundry}/models`, foundry],
  [`${foundry}/anthropic/v1/messages`, foundry],
  [`${foundry}/api/projects/mine`, `${foundry}/api/projects/mine`],
  [`${foundry}/api/projects/mine/openai/v1/`, `${foundry}/api/projects/mine`],
  [`${azure}/v1`, azure],
  [`${azure}/v1/chat/completions`, azure],
  [`${azure}/openai/files?api-version=2024-10-21`, azure],
  [`${azure}/openai/assistants/asst_1`, azure],
  [`${azure}/openai/images/generations:submit`, azure],
  [`${azure}/openai/a-new-collection`, azure],
  [`${azure}/mai/v1/images/generations`, azure],
  ['https://eu.cognitiveservices.azure.com/openai/audio/speech', 'https://eu.cognitiveservices.azure.com'],
  [`${foundry}/providers/blackforestlabs/v1/flux-2-pro?api-version=preview`, foundry],
  [`${foundry}/api/projects/mine/agents/one`, `${foundry}/api/projects/mine`],
  [`${foundry}/api/projects/models`, `${foundry}/api/projects/models`],
  [`${foundry}/api/projects/models/openai/responses`, `${foundry}/api/projects/models`],
  ['https://apim.azure-api.net/ai/mai/v1', 'https://apim.azure-api.net/ai'],
  ['https://apim.azure-api.net/ai/openai/files', 'https://apim.azure-api.net/ai'],
  ['https://apim.azure-api.net/ai/providers/blackforestlabs/v1/flux-2-pro', 'https://apim.azure-api.net/ai'],
  ['https://apim.azure-api.net/providers/east', 'https://apim.azure-api.net/providers/east'],
  ['https://apim.azure-api.net/ai/openai', 'https://apim.azure-api.net/ai'],
  ['https://apim.azure-api.net/ai/openai/v1/', 'https://apim.azure-api.net/ai'],
  ['https://apim.azure-api.net/openai/east', 'https://apim.azure-api.net/openai/east'],
  ['https://apim.azure-api.net/openai-load-balancing', 'https://apim.azure-api.net/openai-load-balancing'],
  [`${azure}/base`, `${azure}/base`],
  ['https://apim.azure-api.net/ai/v1', 'https://apim.azure-api.net/ai/v1'],
  ['http://127.0.0.1:8080/', 'http://127.0.0.1:8080/'],
  ['http://127.0.0.1:8080/prefix/', 'http://127.0.0.1:8080/prefix/'],
])('%s is taken for %s', (text, url) => {
  expect(endpoint().parse(text)).toBe(url);
});

test.each([
  [
    `${azure}/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21`,
    `${azure}, and the deployment, if all requests are to go to it, as \`deployment\` (BACKEND_<n>_DEPLOYMENT_NAME)`,
  ],
  [
    'https://apim.azure-api.net/ai/openai/deployments/gpt-4o',
    'https://apim.azure-api.net/ai, and the deployment, if all requests are to go to it, as `deployment` (BACKEND_<n>_DEPLOYMENT_NAME)',
  ],
  [`${azure}/openai/v1/?api-key=secret`, `${azure}, without a query`],
  [`${azure}?code=secret`, `${azure}, without a query`],
  ['wss://eu.openai.azure.com/openai/v1/realtime', `http instead of ws, such as ${azure}`],
])('%s is answered with %s', (text, problem) => {
  const [issue] = endpoint().safeParse(text).error!.issues;
  expect(issue!.message).toBe(problem);
});

test.each([
  '',
  'eu.openai.azure.com',
  'https://user:secret@eu.openai.azure.com',
  `${azure}/#x`,
  'ftp://eu.openai.azure.com',
  'https://ai.azure.com/resource/overview',
])('%j is none', (text) => {
  const [issue] = endpoint().safeParse(text).error!.issues;
  expect(issue!.message).toContain('a URL such as https://my-resource.openai.azure.com');
});
