#!/usr/bin/env node
/** Lints openapi/ with Redocly's recommended rules. Needs no network. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createConfig, formatProblems, getTotals, lint } from '@redocly/openapi-core';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

const config = await createConfig({
  extends: ['recommended-strict'],
  rules: {
    'operation-operationId': 'error',
    'operation-description': 'error',
    'no-unresolved-refs': 'error',
    'no-unused-components': 'error',
    'no-invalid-media-type-examples': 'error',
    'no-invalid-schema-examples': 'error',
    'no-required-schema-properties-undefined': 'error',
    'path-parameters-defined': 'error',
    'security-defined': 'error',
    'tag-description': 'error',
    'operation-tag-defined': 'error',
    'no-duplicated-tag-names': 'error',
    'operation-singular-tag': 'error',
  },
});

const problems = await lint({ ref: join(ROOT, 'openapi', 'openapi.yaml'), config });
const totals = getTotals(problems);
if (problems.length > 0) formatProblems(problems, { format: 'codeframe', totals, cwd: ROOT, color: false });
if (totals.errors + totals.warnings > 0) process.exit(1);
