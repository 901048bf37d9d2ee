const safe = { filtered: false, severity: 'safe' };
const undetected = { filtered: false, detected: false };

/** The content filter's results for a harmless prompt. */
export const promptFilterResults: object = {
  hate: safe,
  jailbreak: undetected,
  self_harm: safe,
  sexual: safe,
  violence: safe,
};

/** The content filter's results for a harmless picture. */
export const imageFilterResults: object = { hate: safe, self_harm: safe, sexual: safe, violence: safe };

/** The `prompt_filter_results` of an answer, as JSON. */
export const promptFilterJson: string = JSON.stringify([
  { prompt_index: 0, content_filter_results: promptFilterResults },
]);

const choiceFilter = {
  hate: safe,
  protected_material_code: undetected,
  protected_material_text: undetected,
  self_harm: safe,
  sexual: safe,
  violence: safe,
};

/** The `content_filter_results` of a finished choice, as JSON. */
export const choiceFilterJson: string = JSON.stringify(choiceFilter);

/** The `content_filter_results` of one chunk of a stream, as JSON. */
export const chunkFilterJson: string = JSON.stringify({
  hate: safe,
  self_harm: safe,
  sexual: safe,
  violence: safe,
});

const violent = { filtered: true, severity: 'medium' };

/** The `content_filter_results` of a choice that the filter blocked, as JSON. */
export const blockedFilterJson: string = JSON.stringify({ ...choiceFilter, violence: violent });

const checkedPieces = 25;

/**
 * Writes the asynchronous filter's results for a text, in chunks without id and `delta`, each for the piece after which
 * it comes: a filter that reads beside the stream is always a little late, so the last chunk comes after everything
 * else. For a blocked text the finish reports the results.
 */
export function annotations(
  pieces: readonly string[],
  reason: string,
  noUsage: string,
): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  let start = 0;
  let end = 0;
  for (const [index, piece] of pieces.entries()) {
    end += piece.length;
    const isLast = index === pieces.length - 1;
    if (isLast && reason === 'content_filter') break;
    if (!isLast && (index + 1) % checkedPieces !== 0) continue;
    const offsets = `{"check_offset":${end},"start_offset":${start},"end_offset":${end}}`;
    const choice = `{"content_filter_offsets":${offsets},"content_filter_results":${chunkFilterJson},"finish_reason":null,"index":0}`;
    found.set(
      isLast ? pieces.length : index,
      `data: {"choices":[${choice}],"created":0,"id":"","model":"","object":""${noUsage}}\n\n`,
    );
    start = end;
  }
  return found;
}
