const names = ["world"];
for (const name of names) console.log(`Hello, ${name}!`);
console.log([...Array(10).keys()].reduce((sum, n) => sum + n * n, 0));
