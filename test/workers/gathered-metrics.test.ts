import { AggregatorRegistry, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { GatheredMetrics } from '../../src/workers/gathered-metrics.js';

/** A worker that has answered so many requests. */
function worker(requests: number): Registry {
  const registry = new Registry();
  const registers = [registry];
  new Counter({ name: 'done_total', help: 'h', labelNames: ['status'], registers }).inc(
    { status: 200 },
    requests,
  );
  new Histogram({ name: 'seconds', help: 'h', buckets: [1], registers }).observe(requests);
  new Gauge({ name: 'in_flight', help: 'h', registers }).set(requests);
  return registry;
}

const read = (registry: Registry): Promise<object[]> => registry.getMetricsAsJSON();
const text = async (gathered: GatheredMetrics<Registry>, workers: Registry[]): Promise<string> =>
  AggregatorRegistry.aggregate([...(await gathered.gather(workers, read))] as object[]).metrics();

test('what was counted by workers that are gone stays in the sum, what they held does not', async () => {
  const gathered = new GatheredMetrics<Registry>();
  const [a, b, c] = [worker(3), worker(4), worker(5)];
  const all = await text(gathered, [a, b, c]);
  expect(all).toContain('done_total{status="200"} 12');
  expect(all).toContain('in_flight 12');

  gathered.remove(a);
  gathered.remove(b);
  gathered.remove(worker(1));
  for (let scrape = 0; scrape < 2; scrape++) {
    const left = await text(gathered, [c]);
    expect(left).toContain('done_total{status="200"} 12');
    expect(left).toContain('seconds_count 3');
    expect(left).toContain('in_flight 5');
  }
});

test('a worker that does not answer is shown as it was', async () => {
  const gathered = new GatheredMetrics<Registry>(1);
  const [a, b] = [worker(3), worker(4)];
  await gathered.gather([a, b], read);
  const asked = await gathered.gather([a, b], (one) =>
    one === a ? new Promise(() => undefined) : read(one),
  );
  const shown = await AggregatorRegistry.aggregate([...asked] as object[]).metrics();
  expect(shown).toContain('done_total{status="200"} 7');
});
