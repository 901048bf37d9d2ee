/** A dialog about a backend that a reload of the configuration has removed or renamed. */
export function Gone({ name, onClose }: { readonly name: string; readonly onClose: () => void }) {
  return (
    <>
      <h2 id="dialog-title">{name} is not configured any more</h2>
      <Close onClose={onClose} />
    </>
  );
}

export function Close({ onClose }: { readonly onClose: () => void }) {
  return (
    <div class="dialog-actions">
      <button type="button" data-focus onClick={onClose}>
        Close
      </button>
    </div>
  );
}
