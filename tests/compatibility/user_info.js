const os = require('os');
const user = os.userInfo();
const same = user.username === 'sandbox' && user.uid === process.getuid() && user.gid === process.getgid() && user.homedir === os.homedir();
const bytes = os.userInfo({ encoding: 'buffer' }).username;
if (!same || !Buffer.isBuffer(bytes) || os.userInfo.name !== 'userInfo' || os.userInfo.length !== 1) throw new Error(JSON.stringify(user));
console.log('ok');
