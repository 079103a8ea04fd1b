const http = require('http');
const s = http.createServer((q, r) => r.end('fetched')).listen(0, '127.0.0.1', async () => {
  console.log(await (await fetch(`http://127.0.0.1:${s.address().port}`)).text());
  s.close();
  s.closeAllConnections();
});
