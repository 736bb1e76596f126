/** Makes the pictures of the console in docs/images, from a real vault with made-up people. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { chromiumCandidates } from './chromium.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const images = path.join(root, 'docs/images');
const KEY = 'pvaultauth';
const PORT = 18_123;
const url = `http://127.0.0.1:${PORT}`;

const data = mkdtempSync(path.join(tmpdir(), 'coatcheck-images-'));
const vault = spawn(process.execPath, [path.join(root, 'bin/coatcheck.js'), 'dev'], {
  env: { ...process.env, COATCHECK_DATA_DIR: data, COATCHECK_SERVICE_LISTEN_ADDR: `127.0.0.1:${PORT}` },
  stdio: ['ignore', 'ignore', 'inherit'],
});
try {
  await ready();
  await fill();
  await takePictures();
} finally {
  const ended = new Promise((resolve) => vault.once('exit', resolve));
  vault.kill('SIGTERM');
  await ended;
  rmSync(data, { recursive: true, force: true });
}

async function ready() {
  for (let tries = 0; tries < 240; tries++) {
    const answer = await fetch(`${url}/console/`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error('the vault does not start');
}

async function ask(method, target, body, { key = KEY, type = 'application/json' } = {}) {
  const answer = await fetch(`${url}/api/pvlt/1.0${target}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': type }) },
    body: typeof body === 'object' ? JSON.stringify(body) : body,
  });
  return answer.headers.get('content-type')?.startsWith('application/json') ? answer.json() : answer.text();
}

/** Clients that are shown all, shown a mask, and refused. */
async function fill() {
  const pvschema = 'users PERSONS ( name NAME NULL, ssn SSN NULL, email EMAIL NULL );';
  await ask('POST', '/ctl/collections', pvschema, { type: 'application/pvschema' });
  const client = (name, policies, more = '') =>
    `[users.${name}]\nrole = "${name}"\n[roles.${name}]\ncapabilities = ["CapDataReader"]\npolicies = ${JSON.stringify(policies)}\n${more}`;
  const may = (name, ...resources) =>
    `[policies.${name}]\npolicy_type = "allow"\noperations = ["read"]\nreasons = ["*"]\nresources = ${JSON.stringify(resources)}\n`;
  const iam = [
    client('support', ['masked'], 'masks = { "users/ssn" = "mask" }\n'),
    client('billing', ['plain']),
    client('marketing', []),
    may('masked', 'users/properties/name', 'users/properties/ssn.mask'),
    may('plain', 'users/properties/name', 'users/properties/ssn', 'users/properties/email'),
  ];
  await ask('POST', '/ctl/iam/conf', iam.join('\n'), { type: 'application/toml' });
  const people = ['Ada', 'Ben', 'Cleo', 'Dan'];
  for (const [at, name] of people.entries()) {
    const { id } = await ask('POST', '/data/collections/users/objects?reason=AppFunctionality', {
      name,
      ssn: `123-12-${1234 + at}`,
    });
    for (const user of ['support', 'billing', 'marketing']) {
      const { api_key: key } = await ask('POST', '/ctl/iam/user/regen', { name: user });
      const query = 'props=name,ssn&reason=AccountManagement&adhoc_reason=call+4711';
      await ask('GET', `/data/collections/users/objects/${id}?${query}`, undefined, { key });
    }
  }
}

async function takePictures() {
  mkdirSync(images, { recursive: true });
  const browser = await chromium.launch(chromiumCandidates()[0]);
  await picture(browser, 'console-log.png', { viewport: { width: 1180, height: 720 } }, async (page) => {
    await page.evaluate("document.querySelector('.result').scrollIntoView()");
  });
  await picture(browser, 'console-entry.png', { viewport: { width: 960, height: 760 } }, openEntry);
  const phone = { viewport: { width: 360, height: 720 }, colorScheme: 'dark' };
  await picture(browser, 'console-phone.png', phone, openEntry);
  await browser.close();
}

async function picture(browser, name, options, prepare) {
  const page = await browser.newPage(options);
  await page.goto(`${url}/console/`);
  await page.getByLabel('API key or JWT of an auditor').fill(KEY);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('Operation').fill('getObjectById');
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await page.getByText('Page 1: 12 entries.').waitFor();
  await page.locator('[data-verdict=right]').first().waitFor();
  await prepare(page);
  await page.evaluate('document.activeElement.blur()');
  await page.screenshot({ path: path.join(images, name) });
  await page.close();
}

async function openEntry(page) {
  await page.locator('table.entries tr', { hasText: 'support' }).getByRole('button').first().click();
  await page.locator('[data-verdict=right]:visible').waitFor();
}
