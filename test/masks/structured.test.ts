import { shows } from './tables.js';

shows('JSON.mask', [
  [{ first_name: 'Jane', last_name: 'Doe' }, { first_name: '****', last_name: '***' }, 'the example'],
  [{ n: -1.5, yes: true, no: false }, { n: '-*.*', yes: '*', no: '*' }, 'numbers and booleans become texts'],
  [{ gone: null, list: [null] }, { gone: null, list: [null] }, 'null is kept'],
  [{ a: [{ b: ['Jane', 7] }] }, { a: [{ b: ['****', '*'] }] }, 'at every depth'],
  [{ note: 'Lorem ipsum dolor' }, { note: '***** ***** ...' }, 'long texts are cut'],
  [{}, {}, 'nothing to hide'],
]);

shows('BLOB.mask', [['AAECAw==', '<BLOB>', 'a constant']]);

shows('BLOB.size', [
  ['', 0, 'no bytes'],
  ['AAECAw==', 4, 'two padding signs'],
  ['AAECAwQ=', 5, 'one padding sign'],
  ['AAECAwQF', 6, 'no padding sign'],
  [Buffer.alloc(1024).toString('base64'), 1024, 'the example'],
]);
