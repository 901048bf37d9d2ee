import { askMock } from './ask-mock.ts';
import { allHeaderLines, bodyLines, statusLine } from './reply-lines.ts';
import type { MockOptions } from '../../src/options/options.ts';
import type { Question } from './ask-mock.ts';
import type { Trace } from './trace.ts';

const wrongKey =
  '{"error":{"code":"401","message":"Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource."}}';
const filtered =
  '{"error":{"message":"The response was filtered due to the prompt triggering Azure OpenAI\'s content management policy. Please modify your prompt and retry. To learn more about our content filtering policies please read our documentation: https://go.microsoft.com/fwlink/?linkid=2198766","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation","content_filter_result":{"hate":{"filtered":false,"severity":"safe"},"jailbreak":{"filtered":false,"detected":false},"self_harm":{"filtered":false,"severity":"safe"},"sexual":{"filtered":false,"severity":"safe"},"violence":{"filtered":true,"severity":"medium"}}}}}';

/** Errors other than 429, most of them byte for byte. */
export const errorTraces: readonly Trace[] = [
  {
    what: 'wrong key: all of it, headers in alphabetical order',
    grade: 'O',
    source: 'SciSharp/BotSharp#386',
    wild: [
      'HTTP/1.1 401 PermissionDenied',
      'apim-request-id: <uuid 1>',
      'Content-Length: 224',
      'Content-Type: application/json',
      'Date: <date>',
      wrongKey,
    ],
    ask: async () => {
      const reply = await askMock({ apiKey: 'right' }, { key: 'wrong' });
      return [statusLine(reply), ...allHeaderLines(reply), ...bodyLines(reply)];
    },
  },
  {
    what: 'wrong key, another code',
    grade: 'O',
    source: 'vercel/chatbot#588',
    wild: ['401', '"code":"Unauthorized"'],
    ask: async () => {
      const reply = await askMock({ script: 'status(401, code=Unauthorized)' });
      return [String(reply.status), /"code":"[^"]*"/.exec(reply.body)?.[0] ?? reply.body];
    },
  },
  {
    ...wholeAnswer({ deployments: ['gpt-4o'] }, { path: deploymentPath('gpt-5') }),
    what: 'no such deployment',
    grade: 'O',
    source: 'chatbox#646',
    wild: [
      '404',
      '{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again."}}',
    ],
  },
  {
    ...wholeAnswer({}, { path: '/openai/deployments/gpt-4o/chat?api-version=2024-10-21' }),
    what: 'no such path',
    grade: 'U',
    source: 'from memory',
    wild: ['404', '{"error":{"code":"404","message":"Resource not found"}}'],
  },
  {
    ...wholeAnswer({ script: 'status(408)' }),
    what: 'too slow',
    grade: 'O',
    source: 'dify-official-plugins#2199',
    wild: ['408', '{"error":{"code":"Timeout","message":"The operation was timeout."}}'],
  },
  {
    ...wholeAnswer({ script: 'status(500)' }),
    what: 'server error, pretty-printed',
    grade: 'O',
    source: 'azure-search-openai-demo#1390',
    wild: [
      '500',
      '{',
      '  "error": {',
      '    "message": "The server had an error while processing your request. Sorry about that! You can retry your request, or contact us through an Azure support request at: https://go.microsoft.com/fwlink/?linkid=2213926 if the error persists. (Please include the request ID <uuid 1> in your message.)",',
      '    "type": "server_error",',
      '    "param": null,',
      '    "code": null',
      '  }',
      '}',
    ],
  },
  {
    ...wholeAnswer({ script: 'status(503)' }),
    what: 'unavailable',
    grade: 'O',
    source: 'the error library of Portkey, #10470',
    wild: [
      '503',
      '{"error":{"code":"ServiceUnavailable","message":"The service is temporarily unable to process your request. Please try again later."}}',
    ],
  },
  {
    ...wholeAnswer({ script: 'status(400, code=content_filter)' }),
    what: 'the prompt is filtered',
    grade: 'O',
    source: 'a test of LiteLLM',
    wild: ['400', filtered],
  },
];

function wholeAnswer(options: MockOptions, question: Question = {}): Pick<Trace, 'ask'> {
  return {
    ask: async () => {
      const reply = await askMock(options, question);
      return [String(reply.status), ...bodyLines(reply)];
    },
  };
}

function deploymentPath(deployment: string): string {
  return `/openai/deployments/${deployment}/chat/completions?api-version=2024-10-21`;
}
