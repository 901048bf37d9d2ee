import { options, render } from 'preact';
import { LiveFeed } from './feed/live-feed.ts';
import './style/page.css';
import { listenToKeys } from './view/keyboard.ts';
import { Page } from './view/page.tsx';
import { UiState } from './view/ui-state.ts';

/** All addresses are relative to the page's own, as a proxy may serve it below a prefix. */
const base = new URL('.', document.baseURI);
const feed = new LiveFeed();
const app = { base, feed, ui: new UiState(base, feed) };

/** Drawn at most as often as the screen refreshes, however fast snapshots come, and not at all while hidden. */
options.debounceRendering = requestAnimationFrame;

render(<Page app={app} />, document.getElementById('page') ?? document.body);
listenToKeys(app);
feed.open(base);
