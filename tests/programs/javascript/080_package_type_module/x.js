export const x = 'from a module';
