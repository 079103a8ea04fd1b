const net = require('net'), dgram = require('dgram'), tty = require('tty');
const s = net.createServer((c) => { c.setNoDelay(true); c.setKeepAlive(true, 1000); c.pipe(c); }).listen({ port: 0, host: '127.0.0.1', exclusive: true }, () => {
  const c = net.connect(s.address().port, '127.0.0.1', () => c.setNoDelay(true).setKeepAlive(true).setTimeout(5000).end('x'));
  c.resume().on('close', () => s.close(() => {
    const u = dgram.createSocket({ type: 'udp4', reuseAddr: true, recvBufferSize: 65536 });
    u.bind(0, () => { u.setBroadcast(true); u.setTTL(4); u.setMulticastTTL(2); u.setMulticastLoopback(true); u.close(); if (!tty.isatty(1) && !tty.isatty(0)) console.log('ok'); });
  }));
});
