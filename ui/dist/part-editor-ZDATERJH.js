import{a}from"./part-chunk-DDQHEWVD.js";import"./part-chunk-RFNHYIAU.js";import"./part-chunk-2LJNVS7K.js";export{a as CodeEditor};
