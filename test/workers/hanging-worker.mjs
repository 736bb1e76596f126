import { existsSync, writeFileSync } from 'node:fs';

/** A worker that serves nothing and says that it does. The first one answers a few questions and then none for a quarter of a minute, which no test waits for. */
let answers = 0;
let hanging = false;
process.on('message', ({ kind, id, place }) => {
  if (kind === 'begin') {
    // What the test gives for a database is where the first leaves a mark.
    hanging = !existsSync(place.databaseUrl);
    writeFileSync(place.databaseUrl, '');
    process.send({ kind: 'ready', url: 'http://nowhere' });
  }
  if (kind !== 'pulse') return;
  process.send({ kind: 'reply', id, metrics: [] });
  if (++answers === 3 && hanging) {
    for (const end = Date.now() + 15_000; Date.now() < end;);
    process.exit();
  }
});
process.send({ kind: 'awake' });
