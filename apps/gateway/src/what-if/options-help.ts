/** Describes the options that all commands for replaying a log share. */
export const optionsHelp = `Replays the requests in a gateway's log, in virtual time, against the backends and quotas of a configuration. Several
configurations are shown side by side. Nothing is sent anywhere.

  --log file      a log of the gateway, a line for each request; several are taken together; packed by gzip or not, - is stdin
  --config file   a configuration, read as the gateway reads it; the secrets that it names need not be there
  --quota b=n     the real quota of backend b: n tokens a minute, or n,r with r requests a minute, or none
  --json file     writes the answer there too, for programs`;
