/** What the element needs to run code and to show what comes of it: fetched with the first run. */

export { LiveRun, Stopped } from '../live.ts';
export { ApiError } from '../logic/problem.ts';
export { toFragment } from '../logic/share.ts';
export { testWord, verdict } from '../logic/status.ts';
export { splitWords } from '../logic/words.ts';
export { colours } from '../view/result/paint.ts';
export { Transcript } from '../view/result/transcript.ts';
