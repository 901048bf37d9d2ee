import { STATUS_CODES } from 'node:http';
import { promptFilterResults } from './content-filter.ts';

const contentFilter = {
  error: {
    message:
      "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry. To learn more about our content filtering policies please read our documentation: https://go.microsoft.com/fwlink/?linkid=2198766",
    type: null,
    param: 'prompt',
    code: 'content_filter',
    status: 400,
    innererror: {
      code: 'ResponsibleAIPolicyViolation',
      content_filter_result: { ...promptFilterResults, violence: { filtered: true, severity: 'medium' } },
    },
  },
};

const serverError = {
  error: {
    message:
      'The server had an error while processing your request. Sorry about that! You can retry your request, or contact us through an Azure support request at: https://go.microsoft.com/fwlink/?linkid=2213926 if the error persists. (Please include the request ID 00000000-0000-0000-0000-000000000000 in your message.)',
    type: 'server_error',
    param: null,
    code: null,
  },
};

const deploymentNotFound = simple(
  'DeploymentNotFound',
  'The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.',
);

/** Azure's bodies by `status` and `status/code`; a status alone stands for its most common body. */
const bodies: Readonly<Record<string, string>> = {
  '400': JSON.stringify(contentFilter),
  '400/content_filter': JSON.stringify(contentFilter),
  '400/invalid_request_error': invalidRequestBody('Invalid request.'),
  '401': simple(
    '401',
    'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.',
  ),
  '401/PermissionDenied': simple(
    'PermissionDenied',
    'The principal `00000000-0000-0000-0000-000000000000` lacks the required data action `Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action` to perform `POST /openai/deployments/{deployment-id}/chat/completions` operation.',
  ),
  '403': simple('403', 'Access denied due to Virtual Network/Firewall rules.'),
  '403/AuthenticationTypeDisabled': simple(
    'AuthenticationTypeDisabled',
    'Key based authentication is disabled for this resource.',
  ),
  '403/blocked': simple('403', 'The resource has been temporarily blocked.'),
  '400/DeploymentNotFound': deploymentNotFound,
  '400/context_length_exceeded': invalidRequestBody(
    "This model's maximum context length is 128000 tokens. Please reduce the length of the messages.",
    'messages',
    'context_length_exceeded',
  ),
  '400/invalid_prompt': invalidRequestBody('Invalid prompt.', 'prompt', 'invalid_prompt'),
  '404': deploymentNotFound,
  '404/404': simple('404', 'Resource not found'),
  '408': simple('Timeout', 'The operation was timeout.'),
  '413': simple('413', 'Maximum content size limit exceeded.'),
  '424': simple('FailedDependency', 'The model container failed to serve the request.'),
  '429': simple('429', 'Rate limit is exceeded. Try again in 10 seconds.'),
  '431': simple('431', 'Request Header Fields Too Large'),
  '500': JSON.stringify(serverError, null, 2),
  '500/InternalServerError': simple(
    'InternalServerError',
    'Backend returned unexpected response. Please contact Microsoft for help.',
  ),
  '502': frontPage('502 Bad Gateway'),
  '503': simple(
    'ServiceUnavailable',
    'The service is temporarily unable to process your request. Please try again later.',
  ),
  '504': frontPage('504 Gateway Time-out'),
};

/**
 * Answers with Azure's body for a status; `code` picks one of several, and is put into a plain body when there is none.
 */
export function errorBody(status: number, code?: string): string {
  const known = code === undefined ? bodies[status] : (bodies[`${status}/${code}`] ?? matching(status, code));
  return known ?? simple(code ?? String(status), STATUS_CODES[status] ?? 'Unknown');
}

/** Writes the model's 400 for a request that it cannot accept, in OpenAI's shape. */
export function invalidRequestBody(
  message: string,
  param: string | null = null,
  code: string | null = null,
): string {
  return JSON.stringify({ error: { message, type: 'invalid_request_error', param, code } }, null, 2);
}

function matching(status: number, code: string): string | undefined {
  const body = bodies[status];
  return body?.includes(`"code":"${code}"`) ? body : undefined;
}

function simple(code: string, message: string): string {
  return JSON.stringify({ error: { code, message } });
}

/** The page of a proxy in front of the service, which knows nothing of Azure's bodies. */
function frontPage(title: string): string {
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
}
