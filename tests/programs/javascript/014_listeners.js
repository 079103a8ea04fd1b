console.log(process.eventNames(), process.listenerCount('exit'), process.getMaxListeners());
console.log(process._getActiveHandles().length, process._getActiveRequests().length, process.getActiveResourcesInfo());
