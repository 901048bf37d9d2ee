import { askAdmin } from './ask-admin.ts';

interface Answer {
  readonly clients: readonly {
    readonly budgets: readonly {
      readonly limits: readonly { readonly limit: string; readonly used: number }[];
    }[];
  }[];
}

/** Returns the use of each limit of the first client's first budget. */
export async function usedOf(scene: { readonly adminUrl: string }): Promise<Record<string, number>> {
  const { clients } = JSON.parse((await askAdmin(scene, '/admin/clients')).text) as Answer;
  const limits = clients[0]?.budgets[0]?.limits ?? [];
  return Object.fromEntries(limits.map(({ limit, used }) => [limit, used]));
}
