const s = new SharedArrayBuffer(8);
const a = new Int32Array(s);
Atomics.add(a, 0, 5);
console.log(a[0], Atomics.wait(a, 0, 5, 10));
