console.log([...process.allowedNodeEnvironmentFlags].length > 100, process.noDeprecation, process.throwDeprecation, process.report?.directory);
