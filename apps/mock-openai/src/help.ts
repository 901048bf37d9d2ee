/** What `--help` prints. */
export const help = `Mock Azure OpenAI resources that do what a script says.

  start [options]                 one mock, or --instances of them
  start --config mocks.json       a list of mocks, each an object of options

Options (in a config file: camelCase, times as latencyMs and tokenDelayMs in milliseconds)
  --port <n>                8081; 0 takes any free port
  --host <address>          127.0.0.1
  --name <name>             mock; replies begin with "Hello from <name>."
  --region <name>           East US; sent as x-ms-region
  --api-key <key>           the only key accepted; without it every key is, and none
  --deployments <a,b>       the deployments that exist; without it every name answers
  --script <script>         what it does, see below
  --script-file <path>      the same from a file, in the script language or as JSON
  --quota <quota>           what deployments may spend, see below; without it nothing is limited
  --time-scale <n>          1; at 60 a minute of quota takes a second
  --control-port <n>        moves /_mock/ to a port of its own
  --latency <time>          time before the headers of an ok answer (0ms)
  --token-delay <time>      time between the chunks of an ok stream (0ms)
  --completion-tokens <n>   length of a reply (16)
  --record-limit <n>        how many requests are remembered (1000)
  --record-bodies <bool>    whether their bodies are too (true)
  --instances <n>           that many mocks on ports that follow one another

Script: steps, separated by commas or new lines; afterwards the mock answers ok. # begins a comment line.
  step     [length] behaviour[(arguments)]
  length   3x (requests), 10s 250ms 2m (time from when the step begins), always (the default)
  ok
  slow(delay=2s, chunk-delay=200ms, chunks=50)
  throttle(retry-after=5, retry-after-ms=300, reset-requests=4, reset-tokens=4, text=call-rate-short)
           retry-after=none sends no such header; texts: token-rate, call-rate, call-rate-short,
           token-rate-2025, token-rate-aiservices, high-demand, ptu; message="..." is one of your own,
           text-seconds=9 the time that a text names
  status(503, code=ServiceUnavailable, body="...")
  hang
  reset(after-bytes=100)    or after-chunks=3; before the answer without either
  truncate(after-chunks=3)
  All but ok and hang take delay=<time>; throttle and status take header.<name>=<value>.

  --script '3x throttle(retry-after=5), 10s status(500), always ok'

Quota: of one deployment or of every other one (*), separated by commas; in a config file also as an object
  quota    [deployment=]standard(arguments) or [deployment=]ptu(arguments)
  standard(tpm=30000, rpm=180)    rpm follows from tpm and the family of the model when left out; none is no limit
           family=gpt-4o, requests-per-k-tokens=6, window=rolling|fixed, request-window=10s|1s,
           reported-window=10s|60s, charge=prompt-and-max-tokens|max-tokens, max-tokens-default=16,
           characters-per-token=4, headers=classic|2023|responses|86400, retry-after-ms=true, text=<one of the above>
  ptu(units=15)
           family=gpt-4o, input-tpm-per-unit=2500, output-weight=1, bucket=60s, max-tokens-default=16,
           characters-per-token=4, message="..." in which {seconds} is the time to wait

  --quota 'gpt-4o=standard(tpm=30000, window=fixed), *=ptu(units=15)'

Control, with curl
  curl -X PUT localhost:8081/_mock/script -d 'always throttle(retry-after=10)'
  curl localhost:8081/_mock/script      curl localhost:8081/_mock/requests?last=5
  curl -X PUT localhost:8081/_mock/quota -d 'standard(tpm=30000)'      curl localhost:8081/_mock/quota
  curl -X POST localhost:8081/_mock/quota/cut -d '{"factor":0.5,"forMs":60000}'
  curl localhost:8081/_mock/counters    curl -X POST localhost:8081/_mock/reset
`;
