import { useSignal } from '@preact/signals';
import { beginSession } from '../feed/admin-api.ts';
import type { App } from './ui-state.ts';

/** Asks for the token. It is sent once, for a cookie that scripts cannot read, and not kept here. */
export function TokenPrompt({ app }: { readonly app: App }) {
  const problem = useSignal('');
  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const token = String(new FormData(form).get('token') ?? '').trim();
    problem.value = (await beginSession(app.base, token)) ?? '';
    if (problem.value !== '') return;
    form.reset();
    app.feed.signedIn();
  }
  return (
    <form class="card token" onSubmit={(event) => void submit(event as SubmitEvent)}>
      <label for="token">Token of the admin listener</label>
      <p id="token-hint">
        <code>admin.token</code> of the configuration, or <code>ADMIN_TOKEN</code>.
      </p>
      <div class="token-row">
        <input
          id="token"
          name="token"
          type="password"
          autocomplete="current-password"
          required
          aria-describedby="token-hint token-problem"
          aria-invalid={problem.value !== ''}
          autofocus
        />
        <button type="submit" class="is-primary">
          Open
        </button>
      </div>
      <p id="token-problem" class={problem.value === '' ? 'for-screen-readers' : 'problem'} role="alert">
        {problem.value}
      </p>
    </form>
  );
}
