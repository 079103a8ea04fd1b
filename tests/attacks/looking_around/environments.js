const known = ['PATH', 'HOME', 'LANG', 'PYTHONDONTWRITEBYTECODE', 'HOSTNAME'];
const mine = Object.keys(process.env).filter((name) => !known.includes(name));
console.log(`mine: ${mine.length ? mine : 'nothing'}`);
