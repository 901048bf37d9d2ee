/*
 * Comes before all other modules, which take a while to load: a terminal that is closed sends SIGHUP, which means nothing
 * to a server, but ends a process that does not say so.
 */
process.on('SIGHUP', () => {});
