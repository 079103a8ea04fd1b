import { x } from './x.js';
console.log(x, typeof require, import.meta.url);
