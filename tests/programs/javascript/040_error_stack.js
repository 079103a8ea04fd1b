function a() { return new Error('traced').stack; }
console.log(a());
console.log(Error.stackTraceLimit);
