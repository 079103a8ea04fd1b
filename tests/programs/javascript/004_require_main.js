console.log(require.main === module, require.main.filename);
if (require.main === module) console.log('as a program');
