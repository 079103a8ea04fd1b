for (let n = 0; n < 50; n++) { console.log('out', n); console.error('err', n); }
