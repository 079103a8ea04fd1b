new FinalizationRegistry(() => {}).register({}, 1);
console.log(typeof gc);
