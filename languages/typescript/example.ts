const name: string = "world";
console.log(`Hello, ${name}!`);
const squares: number[] = [...Array(10).keys()].map((n) => n * n);
console.log(squares.reduce((sum, n) => sum + n));
