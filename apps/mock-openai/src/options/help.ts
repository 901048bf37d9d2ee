/** The output of `--help`. */
export const help = `Mock Azure OpenAI resources that do what a script says.

  start [options]                 one mock, or --instances of them
  start --config mocks.json       a list of mocks, each an object of options

Options (in a config file: camelCase)
  --port <n>                8081; 0 takes any free port
  --host <address>          127.0.0.1
  --name <name>             mock; replies begin with "Hello from <name>."
  --region <name>           East US; sent as x-ms-region
  --api-key <key>           the only key accepted; without it every key is, and none
  --deployments <a,b>       the deployments that exist; without it every name answers
  --script <script>         what it does, see below
  --script-file <path>      the same from a file, in the script language or as JSON
  --quota <quota>           what deployments may spend, see below; without it nothing is limited
  --time-scale <n>          1; at 60 a minute of quota, latency or prompt cache takes a second
  --control-port <n>        moves /_mock/ to a port of its own
  --latency <latency>       how fast deployments answer, see below; without it they answer at once
  --content-filter <mode>   default (streams come in blocks) or asynchronous (token by token, results apart)
  --seed <n>                0; what chances and latencies are drawn from, together with the name
  --completion-tokens <n>   length of a reply (16)
  --prompt-cache <bool>     whether deployments cache the beginnings of long prompts (true)
  --max-body-bytes <n>      longer bodies get a 413 (25 MiB of audio, 512 MiB of a file, else 100 MiB)
  --record-limit <n>        how many requests are remembered (1000)
  --record-bodies <bool>    whether their bodies are too (true)
  --instances <n>           that many mocks on consecutive ports

Script: steps, separated by commas or new lines; afterwards the mock answers ok. # begins a comment line.
  step     [length] [chance] behaviour[(arguments)]
  length   3x (requests), 10s 250ms 2m (time from when the step begins), always (the default)
  chance   10%: takes that share of the requests from then on, and the rest get the steps after it
  ok
  slow(delay=2s, chunk-delay=200ms, chunks=50)
  throttle(retry-after=5, retry-after-ms=300, reset-requests=4, reset-tokens=4, text=call-rate-short)
           retry-after=none sends no such header; texts: token-rate, call-rate, call-rate-short,
           token-rate-2025, token-rate-aiservices, high-demand, ptu; message="..." is one of your own,
           text-seconds=9 the time that a text names, has-policy=false leaves out policy-id
  status(503, code=ServiceUnavailable, body="...")
  redirect("http://127.0.0.1:9000/", status=307)
  error(after-chunks=2, form=data|event, shape=nested|flat, message="...", type=server_error, code=...)
           an error event within a stream, which then ends
  block(after-tokens=3)     the content filter ends the answer
  refuse                    closes the port for the step's time; 3x refuse resets that many connections
  hang                      or after-bytes=100, or after-chunks=3: sends that much of the body first
  reset(after-bytes=100)    or after-chunks=3, or after-header-bytes=30; before the answer without any
  truncate(after-chunks=3)  ends cleanly; abrupt=true closes the connection (FIN) in the middle
  garbage(text="...")       no HTTP at all
  drip(bytes=1, every=100ms)   a good answer, slowly, headers included
  stale                     a good answer; the next request on its connection is reset.
                            stale(at=idle, after=1s) closes the idle connection (FIN)
  huge-headers(bytes=100000)
  gzip
  All but ok, refuse and stale take delay=<time>; throttle and status take header.<name>=<value>.

  --script '3x throttle(retry-after=5), 10s status(500), always ok'
  --script '5% reset, 10% throttle(retry-after=1)'

Quota: of one deployment or of every other one (*), separated by commas; in a config file also as an object
  quota    [deployment=]standard(arguments) or [deployment=]ptu(arguments)
  standard(tpm=30000, rpm=180)    rpm follows from tpm and the family of the model when left out; none is no limit
           family=gpt-4o, requests-per-k-tokens=6, window=rolling|fixed, request-window=10s|1s,
           reported-window=10s|60s, charge=prompt-and-max-tokens|max-tokens, max-tokens-default=16,
           characters-per-token=4, headers=classic|2023|responses|86400|none, retry-after-ms=true, text=<one of the above>
  ptu(units=15)
           family=gpt-4o, input-tpm-per-unit=2500, output-weight=1, bucket=60s, max-tokens-default=16,
           characters-per-token=4, message="..." in which {seconds} is the time to wait

  --quota 'gpt-4o=standard(tpm=30000, window=fixed), *=ptu(units=15)'

Latency: of one deployment or of every other one (*), separated by commas; in a config file also as an object
  latency  [deployment=]40ms, or [deployment=]model[(arguments)]
  model    gpt-4o, gpt-4o-mini, gpt-4.1, gpt-4.1-mini, gpt-4.1-nano, gpt-5, gpt-4-ptu, gpt-35-turbo,
           gpt-35-turbo-instruct, text-embedding, by-name (of the deployment), custom (what is given and no more)
           ttft=250ms, ttft-sigma=0.3, ms-per-prompt-token=0.2, tokens-per-second=25|none, token-sigma=0.25

  --latency 'gpt-5=gpt-5(ttft=1s), *=by-name'

Control, with curl
  curl -X PUT localhost:8081/_mock/script -d 'always throttle(retry-after=10)'
  curl localhost:8081/_mock/script      curl localhost:8081/_mock/requests?last=5
  curl -X PUT localhost:8081/_mock/quota -d 'standard(tpm=30000)'      curl localhost:8081/_mock/quota
  curl -X POST localhost:8081/_mock/quota/cut -d '{"factor":0.5,"forMs":60000}'
  curl -X PUT localhost:8081/_mock/latency -d 'gpt-4o'      curl localhost:8081/_mock/latency
  curl localhost:8081/_mock/cache       curl localhost:8081/_mock/counters
  curl -X POST localhost:8081/_mock/reset
`;
