import { type Browser, chromium } from 'playwright-core';

/** A script of JavaScript has no types. */
const SCRIPT: string = '../../../scripts/chromium.mjs';

interface Candidate {
  executablePath: string;
  args: string[];
}

/**
 * A headless Chromium, or null where none starts. Then the tests that need one say that they were passed over, and fail where
 * COATCHECK_TEST_BROWSER=required, as in CI.
 */
export async function startBrowser(): Promise<Browser | null> {
  const { chromiumCandidates } = (await import(SCRIPT)) as {
    chromiumCandidates(): Candidate[];
  };
  const problems: string[] = [];
  for (const candidate of chromiumCandidates()) {
    try {
      return await chromium.launch(candidate);
    } catch (error) {
      problems.push(`${candidate.executablePath}: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  const said = `No Chromium starts on this machine, so the console is NOT tested in a browser. ${problems.join('; ') || 'There is none.'}`;
  if (process.env.COATCHECK_TEST_BROWSER === 'required') throw new Error(said);
  process.stderr.write(`\n${said}\n\n`);
  return null;
}
