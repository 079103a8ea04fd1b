(async () => {
  for (const n of [3, 1, 2]) await new Promise((r) => setTimeout(r, n)), console.log(n);
})();
