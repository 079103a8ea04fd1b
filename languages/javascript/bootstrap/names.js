// The user has a name. Node looks for the name where the image keeps names; each sandbox has a user of its own, whom no
// image knows. A proxy passes on everything but the call.
'use strict';
const os = require('os');
const { apply, defineProperty, getOwnPropertyDescriptor } = Reflect;
const { HOME: homedir, USER: username } = process.env;
const property = getOwnPropertyDescriptor(os, 'userInfo');
property.value = new Proxy(property.value, {
  apply(real, self, args) {
    try {
      return apply(real, self, args);
    } catch (error) {
      if (error?.info?.code !== 'ENOENT' || !username) throw error;
      const text = args[0]?.encoding === 'buffer' ? Buffer.from : String;
      const [uid, gid] = [process.getuid(), process.getgid()];
      return { uid, gid, username: text(username), homedir: text(homedir), shell: null };
    }
  },
});
defineProperty(os, 'userInfo', property);
