import { Brakes, type Turn } from '../../../../src/operations/idp/passwords/brakes.js';

const taken = (brakes: Brakes, login = 'ada'): Turn => {
  const turn = brakes.take(login);
  if (typeof turn === 'string') throw new Error(turn);
  return turn;
};

let now = 1;

test('ten wrong guesses within a quarter of an hour of the first, whenever the others were', () => {
  const brakes = new Brakes(() => now);
  for (let nth = 0; nth < 10; nth++) {
    taken(brakes).end('wrong');
    now += 60_000;
  }
  expect(brakes.take('ada')).toBe('too-many-guesses');
  expect(brakes.take('grace')).not.toBe('too-many-guesses');
  now += 4 * 60_000;
  expect(brakes.take('ada')).toBe('too-many-guesses');
  now += 61_000;
  taken(brakes).end('wrong');
});

test('what was not answered is no guess, and what is under way is one', () => {
  const brakes = new Brakes(() => now);
  for (let nth = 0; nth < 4; nth++) taken(brakes).end('no-answer');
  const turns = Array.from({ length: 10 }, () => taken(brakes));
  expect(brakes.take('ada')).toBe('too-many-guesses');
  for (const turn of turns) turn.end('right');
  taken(brakes).end('wrong');
});

test('at most 32 at once; after five without an answer nobody for five seconds, then one', () => {
  const brakes = new Brakes(() => now);
  const turns = Array.from({ length: 32 }, (_, i) => taken(brakes, `login ${i}`));
  expect(brakes.take('ada')).toBe('left-alone');
  for (const turn of turns.splice(0, 5)) turn.end('no-answer');
  expect(brakes.take('ada')).toBe('left-alone');
  now += 5_000;
  const probe = taken(brakes);
  expect(brakes.take('grace')).toBe('left-alone');
  probe.end('wrong');
  taken(brakes, 'grace').end('right');
});
