export const a = 1;
throw new Error('in a module');
