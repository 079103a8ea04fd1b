const os = require('os');
os.cpus(); os.loadavg(); os.totalmem(); os.freemem(); os.uptime(); os.release(); os.version(); os.machine?.(); os.getPriority(); os.availableParallelism?.(); process.getuid(); process.getgroups(); process.memoryUsage(); process.cpuUsage(); process.resourceUsage(); process.hrtime.bigint(); process.umask();
try { os.userInfo(); } catch (e) { if (e.info?.code !== 'ENOENT' && e.code !== 'ERR_SYSTEM_ERROR') throw e; }
console.log('ok');
