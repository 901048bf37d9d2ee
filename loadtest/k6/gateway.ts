import http, { type RefinedResponse } from 'k6/http';

const gatewayUrl = __ENV['GATEWAY_URL'] ?? 'http://127.0.0.1:8080';
const mockUrls = (
  __ENV['MOCK_URLS'] ?? 'http://127.0.0.1:8081,http://127.0.0.1:8082,http://127.0.0.1:8083'
).split(',');

const body = JSON.stringify({
  messages: [{ role: 'user', content: 'How often should I water a basil plant on a sunny balcony?' }],
});

/** Sends one chat completion through the gateway; a 429 counts as an answer, not as a failed request. */
export function askGateway(): RefinedResponse<'text'> {
  return http.post(`${gatewayUrl}/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21`, body, {
    headers: { 'content-type': 'application/json', 'api-key': 'client-key' },
    responseCallback: http.expectedStatuses(200, 429),
    responseType: 'text',
    tags: { name: 'chat completion' },
  });
}

/** Sets each mock's behaviour from now on, in the order of `MOCK_URLS`, and resets their counts. */
export function setScripts(scripts: readonly string[]): void {
  for (const [index, url] of mockUrls.entries()) {
    http.post(`${url}/_mock/reset`, null, { tags: { name: 'control' } });
    http.put(`${url}/_mock/script`, scripts[index] ?? 'always ok', { tags: { name: 'control' } });
  }
}

/** Returns how many requests each mock has had since the last `setScripts`, in the order of `MOCK_URLS`. */
export function countCalls(): number[] {
  return mockUrls.map((url) => {
    const response = http.get(`${url}/_mock/counters`, { responseType: 'text', tags: { name: 'control' } });
    return Number(response.json('total'));
  });
}
