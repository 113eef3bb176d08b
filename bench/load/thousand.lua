-- Spreads the requests over 1,000 actors; the path behind the actor's name comes as an argument.
local path = "/memory"
function init(args)
  path = args[1] or path
end
function request()
  return wrk.format("GET", "/bench/actor-" .. math.random(0, 999) .. path)
end
