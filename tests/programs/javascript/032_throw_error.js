function f() {
  throw new TypeError('thrown');
}

console.log('before');
f();
