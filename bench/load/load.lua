-- Draws an actor by chance for each request, and tells what wrk found as one line of JSON.
-- Arguments: a path with {i} for the number of the actor, and how many actors there are.
local requests = {}

function init(args)
  for i = 1, tonumber(args[2]) do
    requests[i] = wrk.format("GET", (args[1]:gsub("{i}", tostring(i - 1))))
  end
end

function request()
  return requests[#requests == 1 and 1 or math.random(#requests)]
end

function done(summary, latency)
  local errors = summary.errors
  local function millis(percent) return latency:percentile(percent) / 1000 end
  io.write(string.format(
    'result {"rate": %.1f, "count": %d, "p50": %.3f, "p90": %.3f, "p99": %.3f, "p999": %.3f, "failed": %d}\n',
    summary.requests * 1e6 / summary.duration, summary.requests, millis(50), millis(90), millis(99), millis(99.9),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
