const x = await new Promise((r) => setTimeout(() => r(42), 10));
console.log(x);
