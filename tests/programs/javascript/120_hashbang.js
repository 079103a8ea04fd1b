#!/usr/bin/env node
'use strict';
console.log('after the hashbang');
