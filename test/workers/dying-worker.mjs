import cluster from 'node:cluster';
import net from 'node:net';
import { closeUndelivered } from '../../dist/workers/undelivered.js';

/**
 * Three connections come at once to a worker that takes the first and dies of it: by then the second has been handed over, and the third waits. Says which of the clients
 * saw their connection end.
 */
if (cluster.isPrimary) watch();
else work();

function work() {
  const server = net.createServer(() => {
    // Long enough for the primary to hear that the first was taken.
    for (const end = Date.now() + 200; Date.now() < end;);
    process.kill(process.pid, 'SIGKILL');
  });
  server.listen(0, '127.0.0.1');
}

function watch() {
  const ended = [];
  const finish = () => {
    process.stdout.write(ended.sort().join(' '));
    process.exit();
  };
  const connect = (port, number) => {
    const client = net.connect(port, '127.0.0.1');
    client.on('error', () => undefined);
    client.on('close', () => {
      if (ended.push(number) === 3) finish();
    });
  };
  const worker = cluster.fork();
  closeUndelivered(worker);
  worker.on('listening', ({ port }) => {
    for (const number of [1, 2, 3]) connect(port, number);
  });
  setTimeout(finish, 20_000);
}
