const safe = { filtered: false, severity: 'safe' };
const undetected = { filtered: false, detected: false };

/** What the content filter says of a harmless prompt. */
export const promptFilterResults: object = {
  hate: safe,
  jailbreak: undetected,
  self_harm: safe,
  sexual: safe,
  violence: safe,
};

/** The `prompt_filter_results` of an answer, as JSON. */
export const promptFilterJson: string = JSON.stringify([
  { prompt_index: 0, content_filter_results: promptFilterResults },
]);

/** The `content_filter_results` of a finished choice, as JSON. */
export const choiceFilterJson: string = JSON.stringify({
  hate: safe,
  protected_material_code: undetected,
  protected_material_text: undetected,
  self_harm: safe,
  sexual: safe,
  violence: safe,
});

/** The `content_filter_results` of one chunk of a stream, as JSON. */
export const chunkFilterJson: string = JSON.stringify({
  hate: safe,
  self_harm: safe,
  sexual: safe,
  violence: safe,
});
