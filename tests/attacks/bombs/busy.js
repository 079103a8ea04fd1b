const spin = () => { for (;;); };
process.nextTick(spin);
