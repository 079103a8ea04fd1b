const known = ['PATH', 'HOME', 'LANG', 'LOGNAME', 'PYTHONDONTWRITEBYTECODE', 'PYTHONUNBUFFERED', 'HOSTNAME', 'TMPDIR', 'USER'];
const mine = Object.keys(process.env).filter((name) => !known.includes(name));
console.log(`mine: ${mine.length ? mine : 'nothing'}`);
