import def, { named } from './helper.mjs';
import cjs from './old.cjs';
import data from './data.json' assert { type: 'json' };
console.log(def, named, cjs, data, (await import('./helper.mjs')).default === def);
