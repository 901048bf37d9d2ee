import { expect, test } from 'vitest';
import { usualSetup } from '../harvest-setup.ts';
import { beginningTokens, conversationCount, planLoad } from './plan-load.ts';
import { renderBody } from './render-body.ts';

interface Body {
  readonly messages: readonly { readonly content: string }[];
  readonly max_tokens: number;
  readonly stream?: boolean;
  readonly prompt_cache_key?: string;
}

const plan = planLoad(2, usualSetup);
const bodies = plan.map((request) => ({ request, body: JSON.parse(renderBody(request)) as Body }));
const promptOf = ({ messages }: Body) => messages.map(({ content }) => content).join('');

test('every body has as many characters as it is to be charged for, and what the plan says', () => {
  for (const { request, body } of bodies) {
    const prompt = body.messages.reduce((sum, { content }) => sum + Math.ceil(content.length / 4), 0);
    expect(prompt + body.max_tokens).toBe(request.tokens);
    expect(body.stream ?? false).toBe(request.isStreamed);
  }
});

test('prompts of one conversation share their long beginning, and no others begin alike', () => {
  const owners = new Map<string, Set<number>>();
  for (const { request, body } of bodies) {
    const length = request.conversation === undefined ? 40 : beginningTokens * 4;
    const beginning = promptOf(body).slice(0, length);
    owners.set(beginning, (owners.get(beginning) ?? new Set()).add(request.conversation ?? -request.number));
  }
  expect([...owners.values()].filter(({ size }) => size > 1)).toEqual([]);
  const long = plan.filter(({ conversation }) => conversation !== undefined);
  expect(long.length).toBeGreaterThan(conversationCount * 5);
  expect(owners.size).toBe(plan.length - long.length + conversationCount);
});

test('every second conversation names its key', () => {
  for (const { request, body } of bodies) {
    const isKeyed = request.conversation !== undefined && request.conversation % 2 === 0;
    expect(body.prompt_cache_key).toBe(isKeyed ? `conversation-${request.conversation}` : undefined);
  }
});
