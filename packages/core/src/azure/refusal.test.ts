import { expect, test } from 'vitest';
import { makeAnswer } from '../testing/make-answer.ts';
import { judgeOutcome } from './judge-outcome.ts';

const judge = (status: number, code: string | null, message: string, param: string | null = null) => {
  const error = { code, message, param, type: 'invalid_request_error' };
  return judgeOutcome({ ...makeAnswer(status), bodyText: JSON.stringify({ error }) }).kind;
};

const VERIFY = 'Your organization must be verified to';

test.each<[string | null, string, string?]>([
  ['unsupported_value', `${VERIFY} stream this model. Please go to: https://x`, 'stream'],
  ['unsupported_value', `${VERIFY} generate reasoning summaries.`, 'reasoning.summary'],
  [null, `${VERIFY} use the model \`o3\`.`],
  ['SpecialFeatureOrQuotaIdRequired', 'The current subscription does not have access to this model'],
  [null, 'Project `proj_x` does not have access to model `gpt-4o`', 'stream'],
  [null, 'The model gpt-5-pro requires registration: https://aka.ms/x'],
  [null, 'This feature is in private preview.'],
  [null, 'This subscription is not allowlisted for the model.'],
])(
  'neither a 400 nor a 403 about the account behind the key is the client’s fault: %s %s',
  (code, text, param) => {
    expect([judge(400, code, text, param), judge(403, code, text, param)]).toEqual(['declined', 'declined']);
  },
);

test.each<[string | null, string]>([
  ['InvalidSubscriptionState', 'x'],
  ['BadRequest', 'The subscription is in Warned state'],
  ['ReadOnlyDisabledSubscription', 'x'],
  ['account_deactivated', 'x'],
  ['BadRequest', 'Deployment is in a Disabled state'],
  ['BadRequest', "The resource's provisioning state is Creating."],
  ['ResourceProvisioningState', 'x'],
  ['unavailable_model', 'x'],
  ['BadRequest', 'Unavailable model: gpt-4o'],
  ['model_not_active', 'x'],
  ['model_terms_required', 'x'],
  ['BadRequest', 'The model version is no longer available.'],
  ['BadRequest', 'The model has been discontinued.'],
  ['BadRequest', 'The model gpt-4o is not available in location westus.'],
  ['NoCapacity', 'x'],
  ['BadRequest', 'No available capacity was found for this deployment.'],
  ['BadRequest', 'The quota of this deployment is 0.'],
  ['BadRequest', 'The content safety service is unavailable.'],
  ['BadRequest', 'The content filter timed out.'],
  [
    null,
    'Unexpected value(s) `advisor-tool-2026-03-01`, `x-1` for the `anthropic-beta` header. Try without.',
  ],
  [null, 'invalid beta flag'],
  [null, 'You have reached your specified API usage limits. You will regain access on 2027-01-01.'],
])(
  'a 400 about what this backend lacks, or cannot do for now, may be served by another: %s %s',
  (code, text) => {
    expect(judge(400, code, text)).toBe('declined');
  },
);

test.each<[string | null, string, string?]>([
  ['invalid_organization', 'OpenAI-Organization header should match organization for API key'],
  [null, 'The project name must be a string.', 'project'],
  [null, "Cannot cancel a run in 'completed' state."],
  [null, "'temperature' is no longer supported with this model.", 'temperature'],
  ['unsupported_value', "Unsupported value: 'stream' does not support true with this model.", 'stream'],
  ['invalid_image_url', 'Failed to download image: the service timed out.'],
  ['content_filter', 'The prompt was filtered; your policy requires it.', 'prompt'],
  [null, 'The image has no capacity for a mask.', 'mask'],
  [null, 'Batch is in a terminal state and cannot be cancelled.'],
  ['invalid_value', 'Invalid value of the `beta` header.', 'betas'],
])('a 400 about the request itself is answered at once: %s %s', (code, text, param) => {
  expect(judge(400, code, text, param)).toBe('rejected');
});

test.each([
  'Response with id resp_1 not found.',
  'No thread found with id thread_1.',
  "The file 'file-1' does not exist.",
])('a 404 about an object stays one: %s', (text) => {
  expect(judge(404, null, text)).toBe('not-found');
});
