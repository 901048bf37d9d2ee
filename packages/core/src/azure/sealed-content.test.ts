import { expect, test } from 'vitest';
import { saysSealedElsewhere } from './sealed-content.ts';

test.each([
  '{"error":{"message":"x","code":"invalid_encrypted_content"}}',
  'The encrypted content gAAA...Za4= could not be verified.',
  'The encrypted content for item rs_0af934a0 could not be verified.',
  'The encrypted content gAAA...CQ== could not be verified. Reason: Encrypted content could not be decrypted or parsed.',
  'Encrypted content organization_id did not match: encrypted_content could not be verified',
  'Could not decrypt the provided encrypted_content',
  'Could not decode the compaction blob. Ensure it is unmodified from the compact response.',
  'Failed to decrypt reasoning item rs_1',
  'The compaction item cmp_1 cannot be decrypted.',
  'Unable to verify the encrypted content.',
  'Invalid encrypted content.',
  '{"error":{"message":"Invalid value.","param":"input[3].encrypted_content","code":"invalid_value"}}',
  'Encrypted content organization_id did not match the target organization.',
  'Encrypted content verification failed',
  'Decryption of the reasoning content failed.',
  'The reasoning item was encrypted by a different resource.',
  'This compaction belongs to another organization.',
  'messages.1.content.0: thinking signature could not be verified',
])('another backend may read it: %s', (text) => {
  expect(saysSealedElsewhere(text)).toBe(true);
});

test.each([
  'Encrypted content is not supported with this model.',
  'Invalid value for include: reasoning.encrypted_content',
  'The image could not be decoded.',
  'Could not parse the JSON body of your request.',
  'Unsupported parameter: reasoning.effort',
  'reasoning.effort does not match any of the allowed values',
  'Invalid reasoning effort, try another value',
  'thinking.enabled.budget_tokens: Input should be a valid integer, unable to parse string as an integer',
  '{"error":{"message":"Invalid value: reasoning.encrypted_content","param":"include"}}',
])('every backend would say the same: %s', (text) => {
  expect(saysSealedElsewhere(text)).toBe(false);
});
