// Of a package's `package.json` users get what npm and Node read, without what only this repository uses.
module.exports = {
  hooks: {
    beforePacking: ({ scripts, devDependencies, ...manifest }) => manifest,
  },
};
