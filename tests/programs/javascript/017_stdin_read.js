const chunks = [];
process.stdin.on('data', (c) => chunks.push(c)).on('end', () => console.log(JSON.stringify(Buffer.concat(chunks).toString())));
