try { console.log(typeof require('os').userInfo().username); } catch (e) { console.log(e.code, e.syscall, e.message); }
