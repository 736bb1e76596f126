import { isDeepStrictEqual } from 'node:util';
import { fitJson, fitPath, fitProse } from './fit-text.js';
import type { Exchange } from './wiretap.js';

/** Something was not as the story says it must be. */
export class NotAsExpected extends Error {
  override readonly name = 'NotAsExpected';
}

const WIDTH = 98;
/** Room for the name of whoever speaks. */
const GUTTER = 10;
const STYLES = { bold: 1, dim: 2, green: 32, red: 31 };

/** Tells the story: what is done, what was sent, what came back, and whether that is what it should be. */
export class Narrator {
  readonly #output: NodeJS.WritableStream;
  readonly #colours: boolean;
  #step = 'the beginning';
  #steps = 0;
  #checks = 0;
  #afterGap = false;

  constructor(output: NodeJS.WritableStream, colours: boolean) {
    this.#output = output;
    this.#colours = colours;
  }

  /** How many values were compared so far. */
  get checks(): number {
    return this.#checks;
  }

  /** The step that is being told, for a sentence. */
  get at(): string {
    return this.#step;
  }

  /** Begins the next step. */
  step(title: string): void {
    this.#step = `step ${++this.#steps} (${title})`;
    this.line();
    this.line(this.#paint('bold', `${this.#steps}. ${title}`));
  }

  say(text: string): void {
    for (const line of fitProse(text, WIDTH - 3)) this.line(`   ${line}`);
  }

  /** Lines as they are, set off from the prose. */
  quote(lines: readonly string[]): void {
    this.line();
    for (const line of lines) this.line(`      ${line}`);
    this.line();
  }

  /** A value as JSON. */
  quoteJson(value: unknown): void {
    this.quote(fitJson(value, WIDTH - 6));
  }

  /** A request and its answer. */
  show(exchange: Exchange): void {
    const { from, method, path, sent, status, received } = exchange;
    this.line();
    this.#speak(from, '>', fitPath(`${method} ${path}`, WIDTH - GUTTER - 3));
    if (sent !== undefined) this.#speak('', '>', bodyLines(sent));
    this.#speak('vault', '<', [String(status)]);
    if (received !== undefined) this.#speak('', '<', bodyLines(received));
    this.line();
  }

  /** Compares, says so, and ends the story where it is not the same. */
  expect(what: string, actual: unknown, expected: unknown): void {
    if (!isDeepStrictEqual(actual, expected)) {
      this.line(`   ${this.#paint('red', 'NO')} ${what}`);
      const [wanted, got] = [expected, actual].map((value) => JSON.stringify(value) ?? 'nothing');
      throw new NotAsExpected(`${what}. Expected ${wanted}, got ${got}.`);
    }
    this.#checks += 1;
    this.line(`   ${this.#paint('green', 'ok')} ${what}`);
  }

  /** One line; of several empty ones in a row only the first. */
  line(text = ''): void {
    const line = text.trimEnd();
    if (line !== '' || !this.#afterGap) this.#output.write(`${line}\n`);
    this.#afterGap = line === '';
  }

  #speak(who: string, arrow: string, lines: readonly string[]): void {
    lines.forEach((line, i) => {
      const name = (i === 0 ? who : '').padStart(GUTTER);
      this.line(`${this.#paint('dim', `${name} ${arrow}`)} ${line}`);
    });
  }

  #paint(style: keyof typeof STYLES, text: string): string {
    return this.#colours ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text;
  }
}

function bodyLines(body: unknown): string[] {
  return typeof body === 'string' ? body.trimEnd().split('\n') : fitJson(body, WIDTH - GUTTER - 3);
}
