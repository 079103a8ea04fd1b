const all = [];
for (;;) all.push(Buffer.alloc(8 << 20, 1));
