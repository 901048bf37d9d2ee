const KEYS: readonly (readonly [string, string])[] = [
  ['/', 'filter backends by name, deployment or state'],
  ['d', 'choose a deployment'],
  ['p', 'pause, and go on'],
  ['← ↑ → ↓', 'from tile to tile'],
  ['Enter', 'details of a tile: drain, undrain, clear a cooldown'],
  ['Esc', 'close, or empty the filter'],
  ['?', 'this list'],
];

export function KeysHelp({ onClose }: { readonly onClose: () => void }) {
  return (
    <>
      <h2 id="dialog-title">Keys</h2>
      <dl class="keys">
        {KEYS.map(([key, effect]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{effect}</dd>
          </div>
        ))}
      </dl>
      <div class="dialog-actions">
        <button type="button" data-focus onClick={onClose}>
          Close
        </button>
      </div>
    </>
  );
}
