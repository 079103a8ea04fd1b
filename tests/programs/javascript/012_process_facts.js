console.log(process.cwd(), process.platform, process.ppid, process.pid > 1, process.exitCode, process.version);
console.log(process.config.variables.v8_enable_i18n_support, process.release.name, process.umask().toString(8));
