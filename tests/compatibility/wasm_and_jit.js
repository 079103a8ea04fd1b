let x = 0;
const hot = (n) => { let s = 0; for (let i = 0; i < n; i++) s += i % 7; return s; };
for (let i = 0; i < 2000; i++) x += hot(1000);
const b = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
WebAssembly.instantiate(b).then(() => { new SharedArrayBuffer(1024); if (x > 0) console.log('ok'); });
