// Temporary files and folders, copies with modes and times, and what watches them.
const fs = require('fs');
const os = require('os');
const path = require('path');
const { pipeline } = require('stream/promises');
const { createGzip } = require('zlib');
(async () => {
  console.log(os.tmpdir());
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'test-'));
  const at = (name) => path.join(folder, name);
  fs.writeFileSync(at('data.csv'), 'a,b\n1,2\n', { mode: 0o640 });
  fs.utimesSync(at('data.csv'), 1e9, 11e8);
  fs.copyFileSync(at('data.csv'), at('copy.csv'));
  fs.cpSync(folder, path.join(os.tmpdir(), 'tree'), { recursive: true, preserveTimestamps: true });
  const found = fs.statSync(path.join(os.tmpdir(), 'tree', 'data.csv'));
  console.log((found.mode & 0o777).toString(8), found.mtimeMs);
  fs.chmodSync(at('copy.csv'), 0o600);
  console.log((fs.statSync(at('copy.csv')).mode & 0o777).toString(8));
  await fs.promises.appendFile(at('copy.csv'), '3,4\n');
  await pipeline(fs.createReadStream(at('copy.csv')), createGzip(), fs.createWriteStream(at('copy.csv.gz')));
  console.log(fs.existsSync(at('copy.csv.gz')), fs.readFileSync(at('copy.csv'), 'utf8').split('\n').length);
  fs.renameSync(at('copy.csv'), at('moved.csv'));
  fs.symlinkSync('moved.csv', at('link'));
  console.log(fs.readdirSync(folder).sort(), fs.realpathSync(at('link')) === at('moved.csv'));
  fs.rmSync(folder, { recursive: true });
  fs.rmSync(path.join(os.tmpdir(), 'tree'), { recursive: true });
  console.log(fs.readdirSync(os.tmpdir()));
  try { fs.writeFileSync('out.txt', 'x'); } catch (error) { console.log(error.code, error.errno); }
  try { fs.mkdirSync(__dirname + '/new'); } catch (error) { console.log(error.code); }
  try { fs.chmodSync(__filename, 0o777); } catch (error) { console.log(error.code); }
})();
