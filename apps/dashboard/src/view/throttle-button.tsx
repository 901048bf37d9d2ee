import { signal } from '@preact/signals';

const THROTTLE_S = 15;
const trouble = signal('');

/** In development, makes mock backends answer 429 for a while. Not part of a production build. */
export function ThrottleButton({
  base,
  backends,
  label,
}: {
  readonly base: URL;
  readonly backends: readonly string[];
  readonly label: string;
}) {
  if (!import.meta.env.DEV) return null;
  return (
    <button
      type="button"
      class="throttle"
      aria-label={`${label}: ${backends.join(' and ')}`}
      title={trouble.value}
      onClick={() => void throttle(base, backends)}
    >
      {trouble.value === '' ? label : 'Throttling failed'}
    </button>
  );
}

async function throttle(base: URL, backends: readonly string[]): Promise<void> {
  const response = await fetch(new URL('dev/throttle', base), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ backends, seconds: THROTTLE_S }),
  });
  trouble.value = response.ok ? '' : await response.text();
}
