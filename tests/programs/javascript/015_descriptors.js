const fs = require('fs');
console.log(['0', '1', '2'].map((fd) => fs.fstatSync(Number(fd)).isFIFO()));
