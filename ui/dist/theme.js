"use strict";(()=>{try{let e=localStorage.getItem("sce.theme");(e==="light"||e==="dark")&&(document.documentElement.dataset.theme=e)}catch{}})();
