console.log('grün 日本語 😀 \u0301', '\ud800', [...'😀'].length);
