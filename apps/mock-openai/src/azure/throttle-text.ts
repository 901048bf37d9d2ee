/** The parameters of Azure's text for a 429. */
export interface ThrottledCall {
  readonly operation: string;
  readonly apiVersion: string;
  readonly deployment: string;
  readonly region: string;
  readonly seconds: number;
}

const quota =
  'Please go here: https://aka.ms/oai/quotaincrease if you would like to further increase the default rate limit.';

const texts = {
  'token-rate': (call: ThrottledCall) =>
    `Requests to the ${call.operation} Operation under Azure OpenAI API version ${call.apiVersion} have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after ${call.seconds} seconds. ${quota}`,
  'token-rate-aiservices': (call: ThrottledCall) =>
    `Requests to the ${call.operation} Operation under Azure OpenAI API version ${call.apiVersion} have exceeded token rate limit of your current AIServices S0 pricing tier. Please retry after ${call.seconds} seconds. Please contact Azure support service if you would like to further increase the default rate limit.`,
  'call-rate': (call: ThrottledCall) =>
    `Requests to the ${call.operation} Operation under Azure OpenAI API version ${call.apiVersion} have exceeded call rate limit of your current OpenAI S0 pricing tier. Please retry after ${call.seconds} seconds. ${quota}`,
  'call-rate-short': (call: ThrottledCall) => `Rate limit is exceeded. Try again in ${call.seconds} seconds.`,
  'token-rate-2025': (call: ThrottledCall) =>
    `Your requests to ${call.deployment} for ${call.deployment} in ${call.region} have exceeded the token rate limit for your current AIServices S0 pricing tier. This request was for ${call.operation} under Azure OpenAI API version ${call.apiVersion}. Please retry after ${call.seconds} seconds.`,
  'high-demand': (call: ThrottledCall) =>
    `The system is currently experiencing high demand and cannot process your request. Your request exceeds the maximum usage size allowed during peak load. Please retry after ${call.seconds} seconds. For improved latency reliability, consider switching to Provisioned Throughput.`,
  // Azure's own words for provisioned deployments are not known.
  ptu: (call: ThrottledCall) =>
    `The provisioned throughput of deployment ${call.deployment} is fully used. Please retry after ${call.seconds} seconds.`,
} as const;

/** Azure's texts for a 429, by their names in scripts. */
export type ThrottleText = keyof typeof texts;

/** The names of all texts. */
export const throttleTexts = Object.keys(texts) as readonly ThrottleText[];

/** Writes the body of a 429 byte for byte as Azure does. */
export function throttleBody(text: ThrottleText, call: ThrottledCall): string {
  // The short form comes from a gateway policy's template, which has a space that the service's own JSON has not.
  return messageBody(texts[text](call), text === 'call-rate-short' ? ' ' : '');
}

/** Writes the body of a 429 with a message that is not Azure's. */
export function messageBody(message: string, space = ''): string {
  return `{"error":{"code":"429","message":${space}${JSON.stringify(message)}}}`;
}
