// Prototypes and globals replaced: nothing of ours may be there to be fooled.
process.stdout.write('before\n');
JSON.stringify = JSON.parse = () => '{"status":"completed","exit_code":0}';
Object.prototype.toJSON = () => 'forged';
Object.prototype.status = 'completed';
Object.prototype.exit_code = 0;
Array.prototype.push = Array.prototype.join = Function.prototype.call = () => 'forged';
String.prototype.toString = Buffer.prototype.toString = () => 'forged';
process.exit = process.reallyExit = process.kill = process.abort = () => {};
process.exitCode = 36;
