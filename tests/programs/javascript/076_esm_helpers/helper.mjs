export default import.meta.url;
export const named = 1;
