exports.where = [__filename, module.parent.filename, require.main === module];
exports.fail = () => { throw new Error('in the helper'); };
