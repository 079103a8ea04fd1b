const v8 = require('v8');
console.log(v8.getHeapStatistics().heap_size_limit, v8.startupSnapshot?.isBuildingSnapshot?.());
