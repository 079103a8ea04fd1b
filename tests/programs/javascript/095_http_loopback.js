const http = require('http');
const s = http.createServer((q, r) => r.end(`hello from ${q.url}`)).listen(0, '127.0.0.1', () => {
  http.get({ port: s.address().port, host: '127.0.0.1', path: '/there' }, (r) => r.on('data', (d) => console.log(String(d), r.statusCode)).on('end', () => s.close()));
});
