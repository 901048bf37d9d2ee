import type { App } from './ui-state.ts';

/** Listens to the page's keys, wherever the focus is, except where text is entered. */
export function listenToKeys({ feed, ui }: App): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isInDialog()) return;
    if (event.key === 'Escape') return leaveFilter();
    if (isTyping(event.target)) return;
    if (event.key.startsWith('Arrow') && moveFromTile(event.key)) return event.preventDefault();
    const action = actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  });

  const actions: Readonly<Record<string, () => void>> = {
    '/': () => document.getElementById('filter')?.focus(),
    d: () => document.getElementById('deployment')?.focus(),
    p: () => feed.togglePause(),
    '?': () => (ui.dialog.value = { kind: 'keys' }),
  };

  function leaveFilter(): void {
    ui.filter.value = '';
    if (document.activeElement instanceof HTMLInputElement) document.activeElement.blur();
  }
}

function isInDialog(): boolean {
  return document.querySelector('dialog[open]') !== null;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
}

/** Moves the focus to the next tile in a direction. Returns false if no tile has it. */
function moveFromTile(key: string): boolean {
  const buttons = [...document.querySelectorAll<HTMLElement>('.tile-name')];
  const place = buttons.indexOf(document.activeElement as HTMLElement);
  if (place === -1) return false;
  const from = tileBox(buttons[place]);
  const isHorizontal = key === 'ArrowLeft' || key === 'ArrowRight';
  if (isHorizontal || from === undefined) {
    buttons[place + (key === 'ArrowRight' ? 1 : -1)]?.focus();
    return true;
  }
  const below = buttons
    .map((button) => ({ button, box: tileBox(button) }))
    .filter(({ box }) => box !== undefined && (key === 'ArrowDown' ? box.y > from.y : box.y < from.y))
    .map(({ button, box }) => ({
      button,
      far: Math.abs((box?.y ?? 0) - from.y) * 10 + Math.abs((box?.x ?? 0) - from.x),
    }))
    .sort((a, b) => a.far - b.far);
  below[0]?.button.focus();
  return true;
}

function tileBox(button: HTMLElement | undefined): { x: number; y: number } | undefined {
  return button?.closest('.tile')?.getBoundingClientRect();
}
