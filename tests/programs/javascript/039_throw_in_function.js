const o = { m() { return this.n.o.p; } };
o.m();
