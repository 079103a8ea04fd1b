console.log(process.versions.node);
for (const name of ['ajv', 'bignumber.js', 'd3', 'immutable', 'js-yaml', 'lodash', 'semver', 'uuid']) {
  console.log(name, JSON.parse(require('fs').readFileSync(`/node_modules/${name}/package.json`)).version);
}
