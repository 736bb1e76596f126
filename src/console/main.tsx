import { render } from 'preact';
import { App } from './app.js';

const place = document.getElementById('console')!;
place.replaceChildren();
render(<App />, place);
