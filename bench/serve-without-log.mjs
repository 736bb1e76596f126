/**
 * A vault whose access log writes nothing, so that the bench can tell what the log costs. It exists for the bench alone: the program has no such
 * switch. The compiled vault lies in the folder that COATCHECK_BENCH_DIST names.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const { COATCHECK_BENCH_DIST: dist = '' } = process.env;
delete process.env.COATCHECK_BENCH_DIST;
const from = (/** @type {string} */ file) => import(pathToFileURL(path.join(dist, file)).href);

const { AccessLog } = await from('access-log/writer.js');
let size = 0;
AccessLog.prototype.append = async () => size++;
await from('main.js');
