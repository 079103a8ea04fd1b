for (let n = 0; n < 3000; n++) console.log(n, 'x'.repeat(10));
