const http = require('http'), net = require('net'), dgram = require('dgram');
const s = http.createServer((q, r) => r.end('x')).listen(0, '127.0.0.1', async () => {
  const t = await (await fetch(`http://127.0.0.1:${s.address().port}/`)).text();
  const u = dgram.createSocket('udp4');
  u.bind(0, '127.0.0.1', () => u.send('y', u.address().port, '127.0.0.1'));
  u.on('message', (m) => { u.close(); s.close(); s.closeAllConnections(); const six = net.createServer().listen(0, '::1', () => { six.close(); if (t === 'x' && String(m) === 'y') console.log('ok'); }); });
});
