import { expect, test } from 'vitest';
import { createTokenFetcher } from './entra-identity.ts';

/** An Entra ID that accepts one application secret, and a file with that secret. */
function startScene() {
  const file = { secret: 'old', inFile: 'old', look: () => Promise.resolve() };
  file.look = async () => void (file.secret = file.inFile);
  const scene = { file, accepted: 'old', tried: [] as (string | undefined)[] };
  const identity = { clientId: 'client', tenantId: 'tenant', clientSecretFile: '/run/secrets/entra' };
  const fetchToken = createTokenFetcher('scope', identity, file, async (_, secret) => ({
    getToken: async () => {
      scene.tried.push(secret);
      if (secret !== scene.accepted) throw new Error('AADSTS7000215');
      return { token: `by ${secret}`, expiresOnTimestamp: 0 };
    },
  }));
  return { ...scene, scene, fetchToken };
}

test('an application’s token is fetched with the secret that is in its file then', async () => {
  const { scene, file, fetchToken } = startScene();
  expect((await fetchToken()).token).toBe('by old');
  scene.accepted = file.secret = file.inFile = 'new';
  expect((await fetchToken()).token).toBe('by new');
  expect(scene.tried).toEqual(['old', 'new']);
});

test('an application’s secret that is refused is read again, and tried again if it is another', async () => {
  const { scene, file, fetchToken } = startScene();
  scene.accepted = file.inFile = 'new';
  expect((await fetchToken()).token).toBe('by new');
  expect(scene.tried).toEqual(['old', 'new']);
});

test('an application’s secret that is refused is not tried again if it is the same', async () => {
  const { scene, fetchToken } = startScene();
  scene.accepted = 'new';
  await expect(fetchToken()).rejects.toThrow('AADSTS7000215');
  expect(scene.tried).toEqual(['old']);
});
