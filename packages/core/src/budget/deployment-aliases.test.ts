import { expect, test } from 'vitest';
import { admitted, asking, told } from '../testing/spend.ts';
import { ClientBudgets } from './client-budgets.ts';
import type { NamingBackend } from './deployment-aliases.ts';

const plain: NamingBackend = { name: 'plain', priority: 1, weight: 1 };
const mapped: NamingBackend = { ...plain, name: 'mapped', deployments: new Map([['gpt-4o', 'prod-4o']]) };
const spare: NamingBackend = { ...plain, name: 'spare', deployment: 'spare-mini' };

test.each<[string, readonly NamingBackend[], string, string, boolean]>([
  ['itself', [plain], 'gpt-4o', 'gpt-4o', true],
  ['itself in other capitals', [plain], 'gpt-4o', 'GPT-4o', true],
  ['another deployment', [plain], 'gpt-4o', 'o3', false],
  ['its name at a backend', [plain, mapped], 'gpt-4o', 'prod-4o', true],
  ['what clients call it', [plain, mapped], 'prod-4o', 'gpt-4o', true],
  ['another deployment of that backend', [plain, mapped], 'gpt-4o', 'o3', false],
  ['whatever a backend has one deployment for', [plain, spare], 'spare-mini', 'any', true],
  ['another deployment that a spare one may serve', [plain, spare], 'gpt-4o', 'o3', false],
])('a budget of a deployment covers %s', (_, backends, covered, asked, isCovered) => {
  const budgets = new ClientBudgets([{ deployments: [covered], tpm: 100 }], backends);
  admitted(budgets.admit(asking(90, 0, asked), 0, 0)).settle(told(90));
  const kind = isCovered ? 'rate' : 'admitted';
  expect(budgets.admit(asking(20, 0, asked), 0, 0).kind).toBe(kind);
  expect(budgets.admit(asking(20, 0, covered), 0, 0).kind).toBe(kind);
});
