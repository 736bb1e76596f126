import { PassThrough } from 'node:stream';
import { fitJson, fitPath, fitProse } from '../../src/demo/fit-text.js';
import { Narrator, NotAsExpected } from '../../src/demo/narrator.js';

/** A narrator and what it has written so far. */
function listen(colours = false): { narrator: Narrator; heard: () => string } {
  const output = new PassThrough();
  return { narrator: new Narrator(output, colours), heard: () => String(output.read() ?? '') };
}

test('a value that is as expected is counted and said', () => {
  const { narrator, heard } = listen();
  narrator.expect('the sum', { a: [1] }, { a: [1] });
  expect(narrator.checks).toBe(1);
  expect(heard()).toBe('   ok the sum\n');
});

test.each([
  [1, '1'],
  [undefined, null],
  [{ a: 1 }, { a: 1, b: 2 }],
  [
    [1, 2],
    [2, 1],
  ],
])('%j in place of %j ends the story', (actual, expected) => {
  const { narrator } = listen();
  narrator.step('One');
  expect(() => narrator.expect('the sum', actual, expected)).toThrow(NotAsExpected);
  expect(narrator.at).toBe('step 1 (One)');
  expect(narrator.checks).toBe(0);
});

test('there is colour only where it is wanted', () => {
  for (const colours of [true, false]) {
    const { narrator, heard } = listen(colours);
    narrator.step('One');
    narrator.expect('two', 2, 2);
    expect(heard().includes('\u001b[')).toBe(colours);
  }
});

test('a request and its answer say who sent what and what came back', () => {
  const { narrator, heard } = listen();
  narrator.show({
    from: 'billing',
    method: 'POST',
    path: '/a?b=1',
    sent: { c: 1 },
    status: 200,
    received: 'text\n',
  });
  expect(heard().split('\n')).toEqual([
    '',
    '   billing > POST /a?b=1',
    '           > {"c":1}',
    '     vault < 200',
    '           < text',
    '',
    '',
  ]);
});

test('JSON that fits stays on one line, other JSON is broken and still the same', () => {
  const value = { list: [{ id: 'x'.repeat(30) }, 2], text: 'y'.repeat(30), empty: {}, nothing: null };
  expect(fitJson(value, 500)).toEqual([JSON.stringify(value)]);
  const lines = fitJson(value, 50);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(50);
  expect(JSON.parse(lines.join(''))).toEqual(value);
});

test('a path is broken between its parameters, prose between words', () => {
  expect(fitPath('GET /a?b=1&c=2', 10)).toEqual(['GET /a?b=1', '    &c=2']);
  expect(fitProse('one two three', 8)).toEqual(['one two', 'three']);
});
