/** A chat completion as the `openai` package sends it: about 200 bytes of body. */
export function chatRequest(host: string, isStream: boolean, maxTokens: number): Buffer {
  const body = JSON.stringify({
    messages: [
      { role: 'system', content: 'You answer in one short sentence.' },
      { role: 'user', content: 'How often should I water a basil plant on a sunny balcony?' },
    ],
    max_tokens: maxTokens,
    stream: isStream,
  });
  const lines = [
    'POST /openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21 HTTP/1.1',
    `Host: ${host}`,
    'Accept: application/json',
    'Content-Type: application/json',
    'User-Agent: AzureOpenAI/JS 7.57.0',
    'X-Stainless-Retry-Count: 0',
    'X-Stainless-Timeout: 600',
    'X-Stainless-Lang: js',
    'X-Stainless-Package-Version: 7.57.0',
    'X-Stainless-OS: Linux',
    'X-Stainless-Arch: x64',
    'X-Stainless-Runtime: node',
    'X-Stainless-Runtime-Version: v24.21.0',
    'api-key: client-key',
    'Connection: keep-alive',
    `Content-Length: ${body.length}`,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
