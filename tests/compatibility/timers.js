const t = require('timers/promises');
(async () => { await t.setTimeout(5); await t.setImmediate(); let n = 0; for await (const _ of t.setInterval(2)) if (++n === 3) break; performance.mark('a'); performance.measure('b', 'a'); await new Promise((r) => process.nextTick(r)); console.log('ok'); })();
