interface StreamedChunk {
  readonly id: string;
  readonly object: string;
  readonly choices: readonly StreamedChoice[];
  readonly prompt_filter_results?: readonly object[];
  readonly usage?: object | null;
}

interface StreamedChoice {
  readonly delta?: { readonly content?: string };
  readonly finish_reason: string | null;
  readonly content_filter_results?: object;
  readonly content_filter_offsets?: object;
}

/** Writes the parts of a chat stream's event that a client must distinguish, and leaves out the parts it ignores. */
export function outlineEvent(event: string): string {
  if (event === '[DONE]') return event;
  const chunk = JSON.parse(event) as StreamedChunk;
  const { choices, prompt_filter_results: promptResults, usage } = chunk;
  const [choice] = choices;
  const parts = [
    `"id":"${chunk.id.replace(/^(chatcmpl)-\w{29}$/, '$1-…')}"`,
    `"object":"${chunk.object}"`,
    ...(choice === undefined ? ['"choices":[]'] : outlineChoice(choice)),
    ...(promptResults === undefined ? [] : ['"prompt_filter_results":[…]']),
    ...(usage === undefined ? [] : [usage === null ? '"usage":null' : '"usage":{…}']),
  ];
  return parts.join(', ');
}

function outlineChoice(choice: StreamedChoice): string[] {
  const { delta, finish_reason: reason, content_filter_results: results = {} } = choice;
  const { content_filter_offsets: offsets } = choice;
  const parts: string[] = [];
  if (delta !== undefined) {
    parts.push(`"delta":${JSON.stringify(delta).replace(/"content":"[^"]+"/, '"content":"…"')}`);
  }
  if (reason !== null) parts.push(`"finish_reason":"${reason}"`);
  if (Object.keys(results).length > 0) parts.push('"content_filter_results":{…}');
  if (offsets !== undefined) {
    parts.push(`"content_filter_offsets":{${Object.keys(offsets).map((name) => `"${name}"`)}}`);
  }
  return parts;
}
